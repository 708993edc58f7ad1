// What a JavaScript program finds beside the language itself, and how it is run.
//
// Evaluates to one function, `host(verb, …)`, which the worker calls; programs cannot reach it.
// Everything it needs of the language is taken before a program can change it.
(() => {
'use strict';
const { stringify, parse } = JSON;
const { isArray } = Array;
const { defineProperty, getPrototypeOf, hasOwn, keys } = Object;
const { isInteger, isSafeInteger } = Number;
const { apply } = Reflect;
const { join } = Array.prototype;
const { toWellFormed } = String.prototype;
const [InternalFailure, Failure, Dictionary, Members, Texts, Integers] =
  [InternalError, Error, Map, Set, String, BigInt];
const global = globalThis;
const view = getPrototypeOf(Int8Array);

// --- values ------------------------------------------------------------------------------------

class Refused {
  constructor(path, reason) { this.path = path; this.reason = reason; }
}
class Full {}

const glued = (parts) => apply(join, parts, ['']);
// Text that Python can be given: whole characters, in one piece.
const flat = (text) => glued([apply(toWellFormed, text, [])]);
const PIECE = 4096;

// A value as JSON text. Counts while it goes, since a few lines can make a value without end.
class Writer {
  constructor(limit, depth, loose) {
    this.left = limit;
    this.depth = depth;
    this.loose = loose;
    this.parts = [];
    this.part = '';
    this.steps = [];
  }
  text() {
    return glued([...this.parts, this.part]);
  }
  put(text) {
    this.left -= text.length;
    if (this.left < 0) throw new Full();
    this.part += text;
    if (this.part.length > PIECE) {
      this.parts[this.parts.length] = this.part;
      this.part = '';
    }
  }
  refuse(reason, instead) {
    if (this.loose) return this.put(stringify(instead));
    throw new Refused(glued(['result', ...this.steps.map((step) => `[${stringify(step)}]`)]), reason);
  }
  value(value) {
    switch (typeof value) {
      case 'string': return this.put(stringify(value));
      case 'boolean': return this.put(value ? 'true' : 'false');
      case 'bigint': return this.put(Texts(value));
      case 'number': return this.number(value);
      case 'undefined': return this.put('null');
      case 'function': return this.refuse('is a function, which is no JSON value', '[function]');
      case 'symbol': return this.refuse('is a symbol, which is no JSON value', '[symbol]');
    }
    if (value === null) return this.put('null');
    if (this.steps.length === this.depth)
      return this.refuse(`is nested more than ${this.depth} deep`, '…');
    this.object(value);
  }
  number(value) {
    if (value !== value || value === Infinity || value === -Infinity)
      return this.refuse(`is ${value}, which JSON has not`, `${value}`);
    // Beyond 2^53 a number is no exact integer: it is written as what it is.
    this.put(isInteger(value) && !isSafeInteger(value) ? value.toExponential() : `${value}`);
  }
  object(value) {
    if (isArray(value)) return this.list(value);
    if (value instanceof Dictionary) return this.map(value);
    if (value instanceof Members || value instanceof view) return this.list([...value]);
    if (value instanceof Promise) return this.refuse('is a Promise: `await` it', '[promise]');
    if (value instanceof Failure && typeof value.toJSON !== 'function')
      return this.pairs([['name', Texts(value.name)], ['message', Texts(value.message)]]);
    if (value instanceof RegExp || value instanceof ArrayBuffer || value instanceof WeakMap)
      return this.refuse(`is a ${value.constructor.name}, which is no JSON value`, Texts(value));
    if (value instanceof Number || value instanceof Texts || value instanceof Boolean)
      return this.value(value.valueOf());
    if (typeof value.toJSON === 'function') return this.own(value);
    const pairs = [];
    for (const key of keys(value)) pairs[pairs.length] = [key, value[key]];
    this.pairs(pairs);
  }
  // What says itself how it is written.
  own(value) {
    if (value instanceof Date && value.getTime() !== value.getTime())
      return this.refuse('is an invalid Date', 'Invalid Date');
    this.steps[this.steps.length] = 'toJSON()';
    this.value(value.toJSON());
    this.steps.length--;
  }
  list(items) {
    const depth = this.steps.length;
    this.put('[');
    for (let at = 0; at < items.length; at++) {
      if (at) this.put(',');
      this.steps[depth] = at;
      this.value(items[at]);
    }
    this.steps.length = depth;
    this.put(']');
  }
  map(value) {
    const pairs = [...value], seen = new Members();
    for (let at = 0; at < pairs.length; at++) {
      const key = pairs[at][0];
      if (typeof key === 'object' || typeof key === 'symbol' || typeof key === 'function') continue;
      if (seen.has(Texts(key))) return this.refuse('has two keys that are the same as text', '[keys]');
      seen.add(Texts(key));
    }
    this.pairs(pairs);
  }
  pairs(pairs) {
    const depth = this.steps.length;
    let first = true;
    this.put('{');
    for (let at = 0; at < pairs.length; at++) {
      const key = pairs[at][0], value = pairs[at][1];
      if (value === undefined) continue;  // what is undefined is not there
      if (typeof key === 'object' || typeof key === 'symbol' || typeof key === 'function')
        return this.refuse(`has a key of type ${typeof key}: keys are text`, '[key]');
      if (!first) this.put(',');
      first = false;
      this.put(stringify(Texts(key)));
      this.put(':');
      this.steps[depth] = Texts(key);
      this.value(value);
    }
    this.steps.length = depth;
    this.put('}');
  }
}

// An error with the places in the program that it passed through.
let above = 0;
function traced(error) {
  const lines = [Texts(error)];
  for (const [, at] of Texts(error.stack ?? '').matchAll(/^.*<input>:(\d+).*$/gm))
    if (at > above) lines.push(`    at line ${at - above}`);
  return lines.join('\n');
}

// A value as people read it, cut at a limit.
function shown(value, limit) {
  if (typeof value === 'string') return value.slice(0, limit);
  if (value === undefined) return 'undefined';
  const writer = new Writer(limit, 6, true);
  try {
    if (value instanceof Failure) return traced(value).slice(0, limit);
    if (typeof value === 'function') return `[function ${Texts(value.name).slice(0, 80)}]`;
    if (typeof value === 'symbol') return Texts(value).slice(0, limit);
    writer.value(value);
    return writer.text();
  } catch (error) {
    return error instanceof Full ? `${writer.text()}…` : '[a value that cannot be shown]';
  }
}

// --- console -----------------------------------------------------------------------------------

const MAX_PRINTED = 64 * 1024;
let printed = '';
function print(...values) {
  for (let at = 0; at < values.length; at++) {
    const room = MAX_PRINTED - printed.length;
    if (room <= 0) return;
    printed += (at ? ' ' : '') + shown(values[at], room);
  }
  printed += '\n';
}
const nothing = () => {};
const console = {
  assert(holds, ...values) { if (!holds) print('Assertion failed', ...values); },
  group: print, groupEnd: nothing, time: nothing, timeEnd: nothing, timeLog: print,
};
for (const name of ['log', 'info', 'warn', 'error', 'debug', 'trace', 'dir', 'table'])
  console[name] = print;

// --- of browsers and Node ------------------------------------------------------------------------

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function btoa(value) {
  const text = Texts(value);
  let made = '';
  for (let at = 0; at < text.length; at += 3) {
    const codes = [0, 1, 2].map((step) => text.charCodeAt(at + step));
    if (codes.some((code) => code > 255))
      throw new RangeError('btoa: the text has characters beyond Latin-1');
    const bits = (codes[0] << 16) | ((codes[1] || 0) << 8) | (codes[2] || 0);
    made += ALPHABET[bits >> 18] + ALPHABET[(bits >> 12) & 63];
    made += at + 1 < text.length ? ALPHABET[(bits >> 6) & 63] : '=';
    made += at + 2 < text.length ? ALPHABET[bits & 63] : '=';
  }
  return made;
}

function atob(value) {
  let text = Texts(value).replace(/[\t\n\f\r ]/g, '');
  if (text.length % 4 === 0) text = text.replace(/={1,2}$/, '');
  if (text.length % 4 === 1 || /[^A-Za-z0-9+/]/.test(text))
    throw new RangeError('atob: the text is not base64');
  let made = '', bits = 0, held = 0;
  for (const character of text) {
    bits = ((bits << 6) | ALPHABET.indexOf(character)) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      made += Texts.fromCharCode((bits >> held) & 255);
    }
  }
  return made;
}

// A property of that name, also `__proto__`, where assigning would set something else.
const own = (to, key, value) => defineProperty(to, key, {
  value, writable: true, configurable: true, enumerable: true,
});

function structuredClone(value) {
  const seen = new Dictionary();
  const clone = (one) => {
    if (typeof one === 'function' || typeof one === 'symbol')
      throw new TypeError(`structuredClone: a ${typeof one} cannot be cloned`);
    if (typeof one !== 'object' || one === null) return one;
    if (seen.has(one)) return seen.get(one);
    const kept = (made) => { seen.set(one, made); return made; };
    if (isArray(one)) {
      const made = kept([]);
      made.length = one.length;
      for (const key of keys(one)) own(made, key, clone(one[key]));
      return made;
    }
    if (one instanceof Date) return kept(new Date(one.getTime()));
    if (one instanceof RegExp) return kept(new RegExp(one.source, one.flags));
    if (one instanceof view || one instanceof ArrayBuffer) return kept(one.slice());
    if (one instanceof Dictionary) {
      const made = kept(new Dictionary());
      for (const [key, inner] of one) made.set(clone(key), clone(inner));
      return made;
    }
    if (one instanceof Members) {
      const made = kept(new Members());
      for (const inner of one) made.add(clone(inner));
      return made;
    }
    if (one instanceof Failure) {
      const made = kept(new global[Texts(one.name)](one.message));
      made.stack = one.stack;
      return made;
    }
    if (one instanceof Promise || one instanceof WeakMap || one instanceof WeakSet)
      throw new TypeError(`structuredClone: a ${one.constructor.name} cannot be cloned`);
    const made = kept({});
    for (const key of keys(one)) own(made, key, clone(one[key]));
    return made;
  };
  return clone(value);
}

const encoded = (text) => encodeURIComponent(Texts(text).toWellFormed())
  .replace(/%20/g, '+')
  .replace(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
function decoded(text) {
  const spaced = text.replace(/\+/g, ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    // What is no UTF-8 stays as it was written.
    return spaced;
  }
}

class URLSearchParams {
  #pairs = [];
  constructor(from = '') {
    if (typeof from === 'object' && from !== null) {
      const pairs = typeof from[Symbol.iterator] === 'function' ? [...from] : Object.entries(from);
      for (const pair of pairs) {
        if ([...pair].length !== 2) throw new TypeError('URLSearchParams: a pair has two parts');
        this.append(...pair);
      }
      return;
    }
    for (const part of Texts(from).replace(/^\?/, '').split('&')) {
      if (!part) continue;
      const at = part.indexOf('=');
      const [name, value] = at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
      this.append(decoded(name), decoded(value));
    }
  }
  get size() { return this.#pairs.length; }
  append(name, value) { this.#pairs.push([Texts(name), Texts(value)]); }
  delete(name, value) {
    this.#pairs = this.#pairs.filter(
      ([key, held]) => key !== Texts(name) || (value !== undefined && held !== Texts(value)));
  }
  get(name) { return this.#pairs.find(([key]) => key === Texts(name))?.[1] ?? null; }
  getAll(name) { return this.#pairs.filter(([key]) => key === Texts(name)).map(([, value]) => value); }
  has(name, value) {
    return this.#pairs.some(
      ([key, held]) => key === Texts(name) && (value === undefined || held === Texts(value)));
  }
  set(name, value) {
    const at = this.#pairs.findIndex(([key]) => key === Texts(name));
    if (at < 0) return this.append(name, value);
    this.#pairs[at][1] = Texts(value);
    this.#pairs = this.#pairs.filter(([key], place) => place <= at || key !== Texts(name));
  }
  sort() { this.#pairs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)); }
  forEach(call, self) { for (const [name, value] of this.#pairs) call.call(self, value, name, this); }
  *entries() { for (const [name, value] of this.#pairs) yield [name, value]; }
  *keys() { for (const [name] of this.#pairs) yield name; }
  *values() { for (const [, value] of this.#pairs) yield value; }
  [Symbol.iterator]() { return this.entries(); }
  toString() { return this.#pairs.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&'); }
  toJSON() { return this.toString(); }
}

const ABSENT = {
  fetch: 'use an `http_request` node before this one, or after it',
  require: 'a program has the language and no packages',
  setTimeout: 'use a `wait` node to wait',
  setInterval: 'use a `loop` node, with a `wait` node to wait',
  setImmediate: 'use queueMicrotask, or `await null`',
};
const HINTS = {
  process: 'values come in `params` and `context`, and settings as `{{env.NAME}}` in params',
  Buffer: 'use atob, btoa and Uint8Array',
  XMLHttpRequest: ABSENT.fetch,
  axios: ABSENT.fetch,
  URL: 'use URLSearchParams, encodeURIComponent and regular expressions',
  Intl: 'format by hand, or use a `code` node in Python',
  crypto: 'use a `code` node in Python: it has hashlib and random',
  window: 'there is no page: values come in `params` and `context`',
  document: 'there is no page: values come in `params` and `context`',
  module: 'define `main(args)`, or set `result`',
  exports: 'define `main(args)`, or set `result`',
};
const give = (name, value) => defineProperty(global, name, {
  value, writable: true, configurable: true, enumerable: false,
});
for (const name of keys(ABSENT)) give(name, () => {
  throw new ReferenceError(`${name} is not available in the sandbox: ${ABSENT[name]}`);
});
for (const [name, value] of Object.entries({ console, atob, btoa, structuredClone, URLSearchParams }))
  give(name, value);

// --- a run ---------------------------------------------------------------------------------------

let ended = null;  // what became of the program, as soon as that is known
let thrown;

// Integers beyond 2^53 come as objects with a mark, and are BigInt.
function revived(value, mark) {
  if (typeof value !== 'object' || value === null) return value;
  if (typeof value[mark] === 'string') return Integers(value[mark]);
  for (const key of keys(value)) {
    const inner = revived(value[key], mark);
    if (inner !== value[key]) value[key] = inner;
  }
  return value;
}

function read(text, mark) {
  const value = parse(text);
  return mark ? revived(value, mark) : value;
}

let params;
const kit = { give };  // what libraries share; `run` of one takes the place of calling the program
async function run(program, limit, depth, prefersMain) {
  let value, from = 'result';
  try {
    let main;
    value = kit.run ? await kit.run(program, params) : await program((itsMain, itsResult) => {
      main = itsMain;
      const ofMain = prefersMain || typeof itsResult === 'function';
      return ofMain && typeof main === 'function' ? undefined : itsResult;
    });
    if (value === undefined && typeof main === 'function') {
      from = 'main';
      // `({params})` of an author who comes from Coze, beside the values themselves.
      if (!('params' in params)) defineProperty(params, 'params', { value: params });
      value = await main(params);
    }
    if (value === undefined && from === 'result') {
      ended = { end: typeof main === 'function' ? 'empty' : 'none' };
      return;
    }
    if (value === undefined) {
      ended = { end: 'nothing' };
      return;
    }
    const writer = new Writer(limit, depth, false);
    writer.value(value);
    ended = { end: 'value', from, text: writer.text() };
  } catch (error) {
    if (error instanceof Refused) ended = { end: 'refused', path: error.path, reason: error.reason };
    else if (error instanceof Full) ended = { end: 'full' };
    else {
      ended = { end: 'thrown' };
      thrown = error;
    }
  }
}

function described(error) {
  const said = { end: 'thrown', name: '', message: '', stack: '' };
  try {
    if (error instanceof InternalFailure && error.message === 'out of memory') said.end = 'memory';
    if (error instanceof Failure) {
      // A class of the program's own is called by its name, unless it has said another.
      const own = Texts(error.constructor?.name ?? '');
      said.name = (error.name === 'Error' && own ? own : Texts(error.name)).slice(0, 200);
      said.message = Texts(error.message).slice(0, 4000);
      said.stack = Texts(error.stack).slice(0, 20000);
      // What threw it is where it was made, not the class's constructor.
      if (said.stack.trimStart().startsWith(`at ${own} (`))
        said.stack = said.stack.slice(said.stack.indexOf('\n') + 1);
      const missing = /^(?:'?)([A-Za-z_$][\w$]*)'? is not defined$/.exec(said.message);
      const hint = missing && hasOwn(HINTS, missing[1]) && HINTS[missing[1]];
      if (hint) said.message = `${missing[1]} is not available in the sandbox: ${hint}`;
    } else {
      // So it is as well when there is no memory left for an error: the worker knows which it was.
      if (error === null) said.end = 'null';
      said.message = `the program threw ${shown(error, 1000)}`;
    }
  } catch {
    said.message = 'the program threw a value that cannot be shown';
  }
  return said;
}

return (verb, ...given) => {
  switch (verb) {
    case 'values': {
      const [context, itsParams, mark, linesAbove] = given;
      above = linesAbove;
      params = read(itsParams, mark);
      give('context', read(context, mark));
      give('params', params);
      give('result', undefined);
      return;
    }
    case 'library': given[0](kit); return;
    case 'run': run(...given); return;
    case 'has ended': return ended !== null;
    case 'timer': return kit.timer ? kit.timer() : false;
    case 'printed': return flat(printed);
    case 'end':
      if (ended === null) ended = { end: 'pending' };
      if (ended.end === 'thrown') ended = described(thrown);
      return ended.end;
    case 'said': return hasOwn(ended, given[0]) ? flat(ended[given[0]]) : '';
  }
};
})()

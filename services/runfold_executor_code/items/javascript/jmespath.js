// JMESPath: queries over JSON, as `$jmespath(value, 'people[?age > `18`].name')`.
(kit) => {
'use strict';
const fail = (message) => { throw new kit.ExpressionError(`jmespath: ${message}`); };
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const truthy = (value) => !(value === null || value === undefined || value === false || value === ''
  || (Array.isArray(value) && !value.length) || (isObject(value) && !Object.keys(value).length));
const equal = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value ?? null;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
};

// --- tokens ----------------------------------------------------------------------------------------

const TOKEN = /\s*(?:(?<name>[A-Za-z_]\w*)|(?<number>-?\d+)|"(?<quoted>(?:[^"\\]|\\.)*)"|'(?<raw>(?:[^'\\]|\\.)*)'|`(?<literal>(?:[^`\\]|\\.)*)`|(?<sign>\[\?|\[\]|\|\||&&|[<>=!]=|[.*\[\]{}()|,:@<>!&]))/y;
function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim()) {
    const at = TOKEN.lastIndex, match = TOKEN.exec(text);
    if (!match) fail(`cannot read ${JSON.stringify(text.slice(at, at + 20))}`);
    const [kind, value] = Object.entries(match.groups).find(([, one]) => one !== undefined);
    if (kind === 'quoted') found.push(['name', JSON.parse(`"${value}"`)]);
    else if (kind === 'raw') found.push(['value', value.replace(/\\'/g, "'")]);
    else if (kind === 'literal') found.push(['value', literal(value.replace(/\\`/g, '`'))]);
    else found.push([kind, kind === 'number' ? Number(value) : value]);
  }
  return [...found, ['end', '']];
}
const literal = (text) => {
  try { return JSON.parse(text); } catch { return text.trim(); }
};

// --- reading ---------------------------------------------------------------------------------------

// Binding: a projection ends where something binds less than it.
const POWER = { '|': 1, '||': 2, '&&': 3, '<': 5, '>': 5, '<=': 5, '>=': 5, '==': 5, '!=': 5, '[]': 9, '*': 20, '[?': 21, '.': 40, '!': 45, '{': 50, '[': 55, '(': 60 };
class Reader {
  constructor(text) { this.tokens = tokens(text); this.at = 0; }
  get next() { return this.tokens[this.at]; }
  is(sign) { return this.next[0] === 'sign' && this.next[1] === sign; }
  take() { return this.tokens[this.at++]; }
  accept(sign) { if (this.is(sign)) { this.at++; return true; } return false; }
  need(sign) { this.accept(sign) || fail(`${sign} expected, found ${JSON.stringify(this.next[1] || 'the end')}`); }
  power() { return this.next[0] === 'sign' ? POWER[this.next[1]] ?? 0 : 0; }
  expression(least = 0) {
    let left = this.first();
    while (least < this.power()) left = this.after(left);
    return left;
  }
  first() {
    const [kind, value] = this.take();
    if (kind === 'value') return () => value;
    if (kind === 'name') {
      if (this.is('(')) return this.call(value);
      return (on) => (isObject(on) && Object.hasOwn(on, value) ? on[value] : null);
    }
    const here = (on) => on;
    switch (value) {
      case '@': return here;
      case '!': { const inner = this.expression(45); return (on) => !truthy(inner(on)); }
      case '&': { const inner = this.expression(0); return () => inner; }
      case '(': { const inner = this.expression(); this.need(')'); return inner; }
      case '*': return this.project((on) => (isObject(on) ? Object.values(on) : null), here, 20);
      case '[]': return this.project(flattened, here, 9);
      case '[?': return this.filter(here);
      case '{': return this.hash(here);
      case '[':
        if (this.next[0] === 'number' || this.is(':')) return this.index(here);
        if (this.is('*') && this.tokens[this.at + 1][1] === ']') { this.at += 2; return this.project((on) => (Array.isArray(on) ? on : null), here, 20); }
        return this.list(here);
      default: return fail(`${JSON.stringify(value || 'the end')} was not expected`);
    }
  }
  after(left) {
    const [, sign] = this.take();
    switch (sign) {
      case '.':
        if (this.accept('*')) return this.project((on) => (isObject(on) ? Object.values(on) : null), left, 20);
        return this.dotted(left, 40);
      case '|': { const right = this.expression(1); return (on) => right(left(on)); }
      case '||': { const right = this.expression(2); return (on) => { const value = left(on); return truthy(value) ? value : right(on); }; }
      case '&&': { const right = this.expression(3); return (on) => { const value = left(on); return truthy(value) ? right(on) : value; }; }
      case '[]': return this.project(flattened, left, 9);
      case '[?': return this.filter(left);
      case '[':
        if (this.next[0] === 'number' || this.is(':')) return this.index(left);
        this.need('*'); this.need(']');
        return this.project((on) => (Array.isArray(on) ? on : null), left, 20);
      case '==': { const right = this.expression(5); return (on) => equal(left(on), right(on)); }
      case '!=': { const right = this.expression(5); return (on) => !equal(left(on), right(on)); }
      case '<': case '>': case '<=': case '>=': {
        const right = this.expression(5);
        return (on) => compared(sign, left(on), right(on));
      }
      default: return fail(`${JSON.stringify(sign)} was not expected`);
    }
  }
  dotted(left, power) {
    const right = this.is('{') ? (this.at++, this.hash((on) => on))
      : this.is('[') ? (this.at++, this.list((on) => on)) : this.expression(power);
    return (on) => { const value = left(on); return value === null || value === undefined ? null : right(value); };
  }
  // What comes after a projection is done for each of its values.
  project(listed, left, power) {
    const each = this.rest(power);
    return (on) => {
      const list = listed(left(on));
      return list === null ? null : list.map(each).filter((one) => one !== null && one !== undefined);
    };
  }
  rest(power) {
    if (this.power() < 10) return (on) => on;
    if (this.accept('.')) {
      if (this.accept('*')) return this.project((on) => (isObject(on) ? Object.values(on) : null), (on) => on, 20);
      return this.dotted((on) => on, power);
    }
    if (this.is('[') || this.is('[?')) return this.expression(power);
    return fail(`${JSON.stringify(this.next[1])} was not expected`);
  }
  filter(left) {
    const holds = this.expression();
    this.need(']');
    const each = this.is('[]') ? (on) => on : this.rest(21);
    return (on) => {
      const list = left(on);
      if (!Array.isArray(list)) return null;
      return list.filter((one) => truthy(holds(one))).map(each).filter((one) => one !== null && one !== undefined);
    };
  }
  index(left) {
    const parts = [undefined, undefined, undefined];
    let place = 0;
    while (!this.accept(']')) {
      if (this.accept(':')) place++;
      else if (this.next[0] === 'number' && place < 3) parts[place] = this.take()[1];
      else fail('an index or a slice was expected');
    }
    if (!place) return (on) => { const list = left(on); return Array.isArray(list) ? list.at(parts[0]) ?? null : null; };
    return this.project((on) => sliced(on, parts), left, 20);
  }
  list(left) {
    const inner = [];
    do inner.push(this.expression()); while (this.accept(','));
    this.need(']');
    return (on) => { const value = left(on); return value === null ? null : inner.map((one) => one(value)); };
  }
  hash(left) {
    const pairs = [];
    do {
      const [kind, name] = this.take();
      if (kind !== 'name') fail('the name of a key was expected');
      this.need(':');
      pairs.push([name, this.expression()]);
    } while (this.accept(','));
    this.need('}');
    return (on) => {
      const value = left(on);
      return value === null ? null : Object.fromEntries(pairs.map(([name, one]) => [name, one(value)]));
    };
  }
  call(name) {
    this.need('(');
    const given = [];
    while (!this.accept(')')) {
      given.push(this.expression());
      if (!this.is(')')) this.need(',');
    }
    const made = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : fail(`there is no function ${name}()`);
    return (on) => made(...given.map((one) => one(on)));
  }
}
const flattened = (on) => (Array.isArray(on) ? on.flat() : null);
const compared = (sign, one, other) => {
  if (typeof one !== 'number' || typeof other !== 'number') return null;
  return sign === '<' ? one < other : sign === '>' ? one > other : sign === '<=' ? one <= other : one >= other;
};
function sliced(list, [start, end, step = 1]) {
  if (!Array.isArray(list)) return null;
  if (!step) fail('the step of a slice is 0');
  const within = (value, none) => (value === undefined ? none
    : Math.max(step < 0 ? -1 : 0, Math.min(value < 0 ? value + list.length : value, step < 0 ? list.length - 1 : list.length)));
  const made = [], first = within(start, step < 0 ? list.length - 1 : 0), last = within(end, step < 0 ? -1 : list.length);
  for (let at = first; step < 0 ? at > last : at < last; at += step) made.push(list[at]);
  return made;
}
const typeOf = (value) => (value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const need = (name, value, ...types) => (types.includes(typeOf(value)) ? value
  : fail(`${name}() needs ${types.join(' or ')}, not ${typeOf(value)}`));
const order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
const best = (name, list, by, sign) => need(name, list, 'array').reduce(
  (kept, one) => (kept === null || order(by(one), by(kept)) * sign > 0 ? one : kept), null);
const same = (value) => value;
const FUNCTIONS = {
  abs: (value) => Math.abs(need('abs', value, 'number')),
  avg: (list) => (need('avg', list, 'array').length ? list.reduce((sum, one) => sum + one, 0) / list.length : null),
  ceil: (value) => Math.ceil(need('ceil', value, 'number')),
  contains: (value, one) => (typeof need('contains', value, 'array', 'string') === 'string' ? value.includes(one) : value.some((other) => equal(one, other))),
  ends_with: (text, end) => need('ends_with', text, 'string').endsWith(end),
  floor: (value) => Math.floor(need('floor', value, 'number')),
  join: (glue, list) => need('join', list, 'array').join(glue),
  keys: (value) => Object.keys(need('keys', value, 'object')),
  length: (value) => (isObject(need('length', value, 'array', 'object', 'string')) ? Object.keys(value).length : value.length),
  map: (each, list) => need('map', list, 'array').map((one) => each(one) ?? null),
  max: (list) => best('max', list, same, 1),
  max_by: (list, by) => best('max_by', list, by, 1),
  merge: (...values) => Object.assign({}, ...values),
  min: (list) => best('min', list, same, -1),
  min_by: (list, by) => best('min_by', list, by, -1),
  not_null: (...values) => values.find((one) => one !== null && one !== undefined) ?? null,
  reverse: (value) => (typeof value === 'string' ? [...value].reverse().join('') : [...need('reverse', value, 'array')].reverse()),
  sort: (list) => [...need('sort', list, 'array')].sort(order),
  sort_by: (list, by) => [...need('sort_by', list, 'array')].sort((one, other) => order(by(one), by(other))),
  starts_with: (text, start) => need('starts_with', text, 'string').startsWith(start),
  sum: (list) => need('sum', list, 'array').reduce((sum, one) => sum + one, 0),
  to_array: (value) => (Array.isArray(value) ? value : [value]),
  to_number: (value) => (typeof value === 'number' ? value : typeof value === 'string' && value.trim() && !Number.isNaN(Number(value)) ? Number(value) : null),
  to_string: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  type: typeOf,
  values: (value) => Object.values(need('values', value, 'object')),
};
kit.jmespath = (value, query) => {
  if (!isObject(value) && !Array.isArray(value))
    fail('the first argument must be an object or a list, the second the query');
  const reader = new Reader(String(query)), read = reader.expression();
  if (reader.next[0] !== 'end') fail(`${JSON.stringify(reader.next[1])} was not expected`);
  return read(value) ?? null;
};
}

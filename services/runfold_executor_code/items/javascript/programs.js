// Programs of Code, Function and Function Item nodes: what they find, and how they are called.
//
// The value is JSON text: `{"result": …}` of one run over all items, or `{"results": […], "errors":
// {index: message}}` of one run an item. What must come out is checked by the service.
(kit) => {
'use strict';
const give = (name, descriptor) =>
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: false, ...descriptor });
const absent = (what, instead) => () => {
  throw new ReferenceError(`${what} is not available in the sandbox: ${instead}`);
};
const refusing = (what, instead) => new Proxy({}, {
  get: (_target, name) => (typeof name === 'string' ? absent(`${what}.${name}`, instead) : undefined),
});
const MODULES = {
  luxon: () => ({ DateTime: kit.DateTime, Duration: kit.Duration, Interval: kit.Interval }),
  crypto: () => kit.crypto,
  buffer: () => ({ Buffer: globalThis.Buffer }),
  url: () => ({ URL: globalThis.URL, URLSearchParams }),
  util: () => ({ inspect: (value) => JSON.stringify(value), isDeepStrictEqual: (one, other) => JSON.stringify(one) === JSON.stringify(other) }),
};
const REQUEST = 'use an HTTP Request node before this one, or after it';

function provide(opened, data) {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(opened.names)))
    give(name, {
      get: descriptor.get ?? (() => descriptor.value),
      set: (value) => give(name, { value, writable: true }),
    });
  give('items', { value: opened.items, writable: true });
  give('item', { get: () => opened.items[opened.step.index], set: (value) => give('item', { value, writable: true }) });
  give('require', { value: (name) => {
    const found = MODULES[String(name).replace(/^node:/, '')]?.();
    return found ?? absent(`require('${name}')`, 'a program has the language, luxon, crypto and no packages')();
  } });
  const helpers = Object.assign(Object.create(refusing('helpers', REQUEST)), {
    async prepareBinaryData(bytes, fileName, mimeType = 'application/octet-stream') {
      return { data: globalThis.Buffer.from(bytes).toString('base64'), fileName, mimeType };
    },
    async getBinaryDataBuffer(index, name = 'data') {
      const found = opened.items[index]?.binary?.[name];
      if (!found) throw new Error(`item ${index} has no binary data '${name}'`);
      return globalThis.Buffer.from(found.data ?? '', 'base64');
    },
  });
  give('helpers', { value: helpers });
  give('$helpers', { value: helpers });
  give('crypto', { value: kit.crypto, writable: true });
  give('setTimeout', { value: later });
  give('setImmediate', { value: (call, ...given) => later(call, 0, ...given) });
  give('clearTimeout', { value: never });
  give('getNodeParameter', { value: (name) => data.parameters?.[name] });
  give('getInputData', { value: () => opened.items });
  give('getExecutionId', { value: () => opened.names.$execution.id });
}

const told = (error) => String(error?.message ?? error).slice(0, 2000);
const ended = (_main, result) => (typeof result === 'function' ? undefined : result);
// A value that contains itself is told up to there.
const acyclic = (value, above = []) => {
  if (typeof value !== 'object' || value === null || typeof value.toJSON === 'function') return value;
  if (above.includes(value)) return '[Circular Reference]';
  const around = [...above, value];
  if (Array.isArray(value)) return value.map((one) => acyclic(one, around));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, acyclic(one, around)]));
};
function jsonOf(value) {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    if (error instanceof InternalError || !/circular/i.test(error.message)) throw error;
    return JSON.stringify(acyclic(value));
  }
}

// What is to be done later is done when nothing else is left, in its order. Time is not waited for.
const timers = [];
let count = 0;
const later = (call, delay = 0, ...given) => {
  timers.push({ id: ++count, at: Number(delay) || 0, call: () => call(...given) });
  return count;
};
const never = (id) => {
  const at = timers.findIndex((one) => one.id === id);
  if (at >= 0) timers.splice(at, 1);
};
kit.timer = () => {
  if (!timers.length) return false;
  const first = timers.reduce((kept, one) => (one.at < kept.at ? one : kept));
  never(first.id);
  for (const one of timers) one.at -= first.at;
  first.call();
  return true;
};

async function overEach(program, opened, data) {
  const results = [], errors = {};
  for (let index = 0; index < opened.items.length; index++) {
    opened.step.index = index;
    if (data.mode === 'functionItem') give('item', { value: structuredClone(opened.items[index].json), writable: true });
    try {
      results.push(jsonOf(await program(ended)));
    } catch (error) {
      if (!data.goes_on || error instanceof InternalError) throw error;
      errors[index] = told(error);
      results.push('null');
    }
  }
  return `{"results":[${results.join(',')}],"errors":${JSON.stringify(errors)}}`;
}

kit.run = async (program, data) => {
  const opened = kit.open(data);
  provide(opened, data);
  if (data.mode === 'each' || data.mode === 'functionItem') return overEach(program, opened, data);
  const result = await program(ended);
  return `{"result":${jsonOf(result)},"is_missing":${result === undefined}}`;
};
}

// The methods that n8n adds to lists, objects, texts, numbers, truth values and dates.
//
// `kit.extend(value, name, arguments)` calls one: that of the value's own type, or a method of the
// language of that name.
(kit) => {
'use strict';
const { ExpressionError } = kit;
const own = (value, key) => Object.hasOwn(value, key);
const fail = (message) => { throw new ExpressionError(message); };
const put = (to, key, value) => Object.defineProperty(to, key, {
  value, writable: true, configurable: true, enumerable: true,
});
const isObject = (value) => typeof value === 'object' && value !== null;
const undefinedHere = () => undefined;

function same(one, other) {
  if (Object.is(one, other)) return true;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  if (one instanceof Date || other instanceof Date) return +one === +other;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length
    && keys.every((key) => own(other, key) && same(one[key], other[key]));
}
const within = (list, value) => list.some((one) => same(one, value));
const distinct = (list, keyed = (value) => value) => {
  const kept = [];
  for (const value of list)
    if (!kept.some((one) => same(keyed(one), keyed(value)))) kept.push(value);
  return kept;
};
const aList = (name, value) =>
  Array.isArray(value) ? value : fail(`${name}() needs a list, such as .${name}([1, 2])`);
const numbers = (name, list) =>
  list.every((one) => typeof one === 'number') ? list : fail(`${name}() needs a list of numbers`);
const blank = (value) => value === null || value === undefined || value === '' || value === 'nil';
const hollow = (value) => isObject(value) && Object.keys(value).length === 0;

function compacted(value) {
  const made = {};
  for (const [key, inner] of Object.entries(value))
    if (!blank(inner) && !hollow(inner)) put(made, key, isObject(inner) ? compacted(inner) : inner);
  return made;
}
// What the first says counts.
function merged(objects) {
  const made = {};
  for (const one of objects)
    for (const [key, value] of Object.entries(one)) if (!own(made, key)) put(made, key, value);
  return made;
}

// --- lists ---------------------------------------------------------------------------------------

const lists = {
  first: (list) => list[0],
  last: (list) => list[list.length - 1],
  isEmpty: (list) => list.length === 0,
  isNotEmpty: (list) => list.length > 0,
  randomItem: (list) => list[Math.floor(Math.random() * list.length)],
  append: (list, ...more) => list.concat(more),
  sum: (list) => numbers('sum', list).reduce((total, one) => total + one, 0),
  min: (list) => Math.min(...numbers('min', list)),
  max: (list) => Math.max(...numbers('max', list)),
  average: (list) => (list.length ? lists.sum(numbers('average', list)) / list.length : 0),
  compact: (list) => list
    .filter((one) => !blank(one) && !hollow(one))
    .map((one) => (isObject(one) ? compacted(one) : one)),
  pluck(list, ...fields) {
    if (!fields.length) return list;
    return list.filter(isObject).map((one) => Object.keys(one)
      .filter((key) => fields.includes(key)).map((key) => one[key]))
      .filter((values) => values.length)
      .map((values) => (values.length === 1 ? values[0] : values));
  },
  unique: (list, ...fields) => distinct(list, (value) => (fields.length && isObject(value)
    ? Object.fromEntries(fields.map((field) => [field, own(value, field) ? value[field] : undefined]))
    : value)),
  smartJoin(list, key, value) {
    if (typeof key !== 'string' || typeof value !== 'string' || !key || !value)
      fail('smartJoin() needs two names of fields, such as .smartJoin("name", "value")');
    const made = {};
    for (const one of list)
      if (isObject(one) && own(one, key) && own(one, value)) put(made, one[key], one[value]);
    return made;
  },
  chunk(list, size) {
    if (typeof size !== 'number' || !(size > 0)) fail('chunk() needs a size above 0, such as .chunk(5)');
    const made = [];
    for (let at = 0; at < list.length; at += size) made.push(list.slice(at, at + size));
    return made;
  },
  renameKeys(list, ...names) {
    if (!names.length || names.length % 2)
      fail('renameKeys() needs pairs of names, such as .renameKeys("from", "to")');
    return list.map((one) => {
      if (!isObject(one)) return one;
      const made = { ...one };
      for (let at = 0; at < names.length; at += 2) {
        if (!own(made, names[at])) continue;
        const value = made[names[at]];
        delete made[names[at]];
        put(made, names[at + 1], value);
      }
      return made;
    });
  },
  merge(list, others) {
    if (others === undefined)
      return merged(list.filter((one) => isObject(one) && !Array.isArray(one)));
    aList('merge', others);
    const made = {};
    list.forEach((one, at) => {
      if (isObject(one) && isObject(others[at]))
        for (const [key, value] of Object.entries(merged([one, others[at]]))) put(made, key, value);
    });
    return made;
  },
  mergeIntoObject(list, others) {
    if (others === undefined) return lists.merge(list);
    aList('mergeIntoObject', others);
    const made = {};
    for (let at = 0; at < Math.max(list.length, others.length); at++)
      for (const [key, value] of Object.entries(merged([list[at], others[at]].filter(isObject))))
        put(made, key, value);
    return made;
  },
  union: (list, others) => distinct([...list, ...aList('union', others)]),
  difference: (list, others) =>
    distinct(list.filter((one) => !within(aList('difference', others), one))),
  intersection: (list, others) =>
    distinct(list.filter((one) => within(aList('intersection', others), one))),
  toJsonString: (list) => JSON.stringify(list),
  toInt: undefinedHere, toFloat: undefinedHere, toBoolean: undefinedHere, toDateTime: undefinedHere,
};
lists.removeDuplicates = lists.unique;

// --- objects -------------------------------------------------------------------------------------

const aText = (name, value) =>
  typeof value === 'string' && value !== '' ? value : fail(`${name}() needs a text that is not empty`);
const withFields = (value, keeps) =>
  Object.fromEntries(Object.entries(value).filter(([key, inner]) => keeps(key, inner)));
const objects = {
  isEmpty: (value) => Object.keys(value).length === 0,
  isNotEmpty: (value) => Object.keys(value).length > 0,
  hasField: (value, name) => name in value,
  removeField: (value, name) => withFields(value, (key) => key !== name),
  removeFieldsContaining(value, text) {
    aText('removeFieldsContaining', text);
    return withFields(value, (_key, inner) => !(typeof inner === 'string' && inner.includes(text)));
  },
  keepFieldsContaining(value, text) {
    aText('keepFieldsContaining', text);
    return withFields(value, (_key, inner) => typeof inner === 'string' && inner.includes(text));
  },
  compact: compacted,
  urlEncode: (value) => new URLSearchParams(value).toString(),
  keys: (value) => Object.keys(value),
  values: (value) => Object.values(value),
  toJsonString: (value) => JSON.stringify(value),
  toInt: undefinedHere, toFloat: undefinedHere, toBoolean: undefinedHere, toDateTime: undefinedHere,
};

// --- numbers and truth values ----------------------------------------------------------------------

const whole = (name, value) =>
  Number.isInteger(value) ? value : fail(`${name}() needs a whole number`);
const numeric = {
  abs: (value) => Math.abs(value),
  ceil: (value) => Math.ceil(value),
  floor: (value) => Math.floor(value),
  round: (value, places = 0) => Number(value.toFixed(places)),
  isInteger: (value) => Number.isInteger(value),
  isEven: (value) => whole('isEven', value) % 2 === 0,
  isOdd: (value) => Math.abs(whole('isOdd', value)) % 2 === 1,
  toBoolean: (value) => value !== 0,
  toInt: (value) => Number(value.toFixed(0)),
  toFloat: (value) => value,
  toNumber: (value) => value,
  format: (value, locale, options) => kit.formatNumber(value, locale, options),
  toDateTime(value, unit = 'ms') {
    switch (unit) {
      case 'ms': return kit.DateTime.fromMillis(value);
      case 's': return kit.DateTime.fromMillis(value * 1000);
      case 'us': return kit.DateTime.fromMillis(value / 1000);
      // Days since 1900, which counts 1900 as a leap year.
      case 'excel': return kit.DateTime.fromMillis((value - 25569) * 86400000);
      default: return fail(`toDateTime() knows 'ms', 's', 'us' and 'excel', not '${unit}'`);
    }
  },
};
const truth = {
  toBoolean: (value) => value,
  toInt: (value) => (value ? 1 : 0),
  toFloat: (value) => (value ? 1 : 0),
  toNumber: (value) => (value ? 1 : 0),
  toDateTime: undefinedHere,
};

// --- which one -------------------------------------------------------------------------------------

kit.tables = { lists, objects, numeric, truth, texts: {}, dates: {} };
const generic = { isEmpty: (value) => !value, isNotEmpty: (value) => Boolean(value) };
const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const isDate = (value) => value instanceof Date || (kit.DateTime && value instanceof kit.DateTime);
const isoDate = (value) => ISO.test(value) && !Number.isNaN(Date.parse(value));

function tableOf(value, name) {
  if (Array.isArray(value)) return lists;
  switch (typeof value) {
    case 'string':
      return own(kit.tables.dates, name) && !own(kit.tables.texts, name) && isoDate(value)
        ? kit.tables.dates : kit.tables.texts;
    case 'number': return numeric;
    case 'boolean': return truth;
    case 'object': return value === null ? {} : isDate(value) ? kit.tables.dates : objects;
    default: return {};
  }
}
kit.extend = (value, name, given) => {
  const table = tableOf(value, name);
  if (own(table, name)) {
    const receiver = table === kit.tables.dates && typeof value === 'string' ? new Date(value) : value;
    return table[name](receiver, ...given);
  }
  if (value !== null && value !== undefined && typeof value[name] === 'function')
    return value[name](...given);
  if (own(generic, name)) return generic[name](value);
  if (value === null || value === undefined) fail(`${name} cannot be used on ${value}`);
  const types = Object.entries({
    'a list': lists, 'a date': kit.tables.dates, 'a number': numeric, 'an object': objects,
    'a text': kit.tables.texts, 'a truth value': truth,
  }).filter(([, one]) => own(one, name)).map(([type]) => type);
  return fail(`${name}() can be used on ${types.join(', ') || 'nothing'}`);
};
// After `?.` a call keeps its form, under a name that no field has.
kit.addMethods = () => {
  for (const name of Object.values(kit.tables).flatMap(Object.keys))
    Object.defineProperty(Object.prototype, `__x_${name}`, {
      value(...given) { return kit.extend(this, name, given); },
      configurable: true,
    });
};

Object.assign(kit.functions, {
  average: (...values) => lists.average(values),
  $average: (...values) => lists.average(values),
  not: (value) => !value,
  $not: (value) => !value,
  numberList(start, end) {
    const step = start < end ? 1 : -1;
    return Array.from({ length: Math.abs(start - end) + 1 }, (_, at) => start + at * step);
  },
  zip(keys, values) {
    if (!Array.isArray(keys) || !Array.isArray(values) || keys.length !== values.length)
      fail('zip() needs two lists of one length');
    return Object.fromEntries(keys.map((key, at) => [key, values[at]]));
  },
  $ifEmpty(...given) {
    if (given.length !== 2) fail('$ifEmpty needs a value, and what is given where it is empty');
    const [value, otherwise] = given;
    return value === null || value === undefined || value === '' || hollow(value) ? otherwise : value;
  },
});
}

// Moments as text and back: ISO 8601, RFC 2822, HTTP, SQL, tokens, and how long ago.
(kit) => {
'use strict';
const { DateTime, Duration } = kit;
const pad = (value, width = 2) => {
  const text = String(Math.abs(Math.trunc(value))).padStart(width, '0');
  return value < 0 ? `-${text}` : text;
};
const static_ = (name, value) => Object.defineProperty(DateTime, name, { value, configurable: true, writable: true });
const method = (name, value) =>
  Object.defineProperty(DateTime.prototype, name, { value, configurable: true, writable: true });

// --- told ------------------------------------------------------------------------------------------

const yearText = (year) => (year > 9999 || year < 0 ? `${year < 0 ? '-' : '+'}${pad(Math.abs(year), 6)}` : pad(year, 4));
const dateText = ({ c }, basic) => [yearText(c.year), pad(c.month), pad(c.day)].join(basic ? '' : '-');
function timeText(moment, options, basic) {
  const { c } = moment, colon = basic ? '' : ':';
  let text = `${pad(c.hour)}${colon}${pad(c.minute)}`;
  const none = c.second === 0 && c.millisecond === 0;
  if (!(options.suppressSeconds && none)) {
    text += `${colon}${pad(c.second)}`;
    if (!(options.suppressMilliseconds && c.millisecond === 0)) text += `.${pad(c.millisecond, 3)}`;
  }
  if (options.includeOffset === false) return text;
  if (moment.offset === 0 && moment.isOffsetFixed && !options.extendedZone) return `${text}Z`;
  return text + kit.offsetText(moment.offset, basic ? 'techie' : 'short');
}
const iso = (tell) => function told(options = {}) {
  return this.isValid ? tell(this, options, options.format === 'basic') : null;
};
method('toISO', iso((moment, options, basic) => `${dateText(moment, basic)}T${timeText(moment, options, basic)}`));
method('toISODate', iso((moment, _options, basic) => dateText(moment, basic)));
method('toISOTime', iso((moment, options, basic) => (options.includePrefix ? 'T' : '') + timeText(moment, options, basic)));
method('toISOWeekDate', iso(({ c }) => `${pad(c.weekYear, 4)}-W${pad(c.weekNumber)}-${c.weekday}`));
method('toSQLDate', iso((moment) => dateText(moment)));
method('toSQLTime', iso((moment, { includeOffset = true }) =>
  timeText(moment, { includeOffset: false }) + (includeOffset ? ` ${kit.offsetText(moment.offset)}` : '')));
method('toSQL', iso((moment, options) => `${moment.toSQLDate()} ${moment.toSQLTime(options)}`));
method('toHTTP', function toHTTP() { return this.toUTC().setLocale('en-US').toFormat("EEE, dd LLL yyyy HH:mm:ss 'GMT'"); });
method('toRFC2822', function toRFC2822() { return this.setLocale('en-US').toFormat('EEE, dd LLL yyyy HH:mm:ss ZZZ'); });

const STYLE = {
  D: { dateStyle: 'short', year: 'numeric' }, DD: { dateStyle: 'medium' }, DDD: { dateStyle: 'long' },
  DDDD: { dateStyle: 'full' }, t: { timeStyle: 'short' }, tt: { timeStyle: 'medium' },
  ttt: { timeStyle: 'long' }, tttt: { timeStyle: 'full' },
  T: { hour: 'numeric', minute: 'numeric', hour12: false },
  TT: { hour: 'numeric', minute: 'numeric', second: 'numeric', hour12: false },
  f: { dateStyle: 'short', timeStyle: 'short' }, ff: { dateStyle: 'medium', timeStyle: 'short' },
  fff: { dateStyle: 'long', timeStyle: 'short' }, ffff: { dateStyle: 'full', timeStyle: 'short' },
  F: { dateStyle: 'short', timeStyle: 'medium' }, FF: { dateStyle: 'medium', timeStyle: 'medium' },
  FFF: { dateStyle: 'long', timeStyle: 'medium' }, FFFF: { dateStyle: 'full', timeStyle: 'medium' },
};
const styled = (moment, token) => {
  const style = STYLE[token];
  const short = style.dateStyle === 'short';
  return kit.formatDate(moment, moment.locale, short
    ? { year: 'numeric', month: 'numeric', day: 'numeric', ...(style.timeStyle ? { hour: 'numeric', minute: 'numeric', ...(style.timeStyle === 'medium' ? { second: 'numeric' } : {}) } : {}) }
    : style);
};
function tokenText(moment, token) {
  const { c } = moment;
  switch (token) {
    case 'S': return String(c.millisecond);
    case 'u': case 'SSS': return pad(c.millisecond, 3);
    case 'uu': return pad(Math.floor(c.millisecond / 10));
    case 'uuu': return String(Math.floor(c.millisecond / 100));
    case 's': return String(c.second);
    case 'ss': return pad(c.second);
    case 'm': return String(c.minute);
    case 'mm': return pad(c.minute);
    case 'h': return String(c.hour % 12 || 12);
    case 'hh': return pad(c.hour % 12 || 12);
    case 'H': return String(c.hour);
    case 'HH': return pad(c.hour);
    case 'Z': return kit.offsetText(moment.offset, 'narrow');
    case 'ZZ': return kit.offsetText(moment.offset);
    case 'ZZZ': return kit.offsetText(moment.offset, 'techie');
    case 'ZZZZ': return kit.zoneName(moment, false);
    case 'ZZZZZ': return kit.zoneName(moment, true);
    case 'z': return moment.zoneName;
    case 'a': return c.hour < 12 ? 'AM' : 'PM';
    case 'd': return String(c.day);
    case 'dd': return pad(c.day);
    case 'c': case 'E': return String(c.weekday);
    case 'ccc': case 'EEE': return kit.weekdayName(moment, 'short');
    case 'cccc': case 'EEEE': return kit.weekdayName(moment, 'long');
    case 'ccccc': case 'EEEEE': return kit.weekdayName(moment, 'long')[0].toUpperCase();
    case 'L': case 'M': return String(c.month);
    case 'LL': case 'MM': return pad(c.month);
    case 'LLL': case 'MMM': return kit.monthName(moment, 'short');
    case 'LLLL': case 'MMMM': return kit.monthName(moment, 'long');
    case 'LLLLL': case 'MMMMM': return kit.monthName(moment, 'long')[0].toUpperCase();
    case 'y': return String(c.year);
    case 'yy': return pad(c.year % 100);
    case 'yyyy': return pad(c.year, 4);
    case 'yyyyyy': return pad(c.year, 6);
    case 'G': return c.year > 0 ? 'AD' : 'BC';
    case 'GG': return c.year > 0 ? 'Anno Domini' : 'Before Christ';
    case 'GGGGG': return c.year > 0 ? 'A' : 'B';
    case 'kk': case 'ii': return pad(c.weekYear % 100);
    case 'kkkk': case 'iiii': return pad(c.weekYear, 4);
    case 'W': case 'n': return String(c.weekNumber);
    case 'WW': case 'nn': return pad(c.weekNumber);
    case 'o': return String(c.ordinal);
    case 'ooo': return pad(c.ordinal, 3);
    case 'q': return String(c.quarter);
    case 'qq': return pad(c.quarter);
    case 'X': return String(Math.floor(moment.ts / 1000));
    case 'x': return String(moment.ts);
    default: return Object.hasOwn(STYLE, token) ? styled(moment, token) : token;
  }
}
const TOKENS = /'((?:[^'])*)'|([a-zA-Z])\2*|[^a-zA-Z']+|'/g;
method('toFormat', function toFormat(format, options = {}) {
  if (!this.isValid) return 'Invalid DateTime';
  const moment = options.locale ? this.setLocale(options.locale) : this;
  return String(format).replace(TOKENS, (all, quoted, letter) =>
    (quoted !== undefined ? quoted : letter ? tokenText(moment, all) : all));
});
method('toLocaleString', function toLocaleString(format = { dateStyle: 'short' }, options = {}) {
  if (!this.isValid) return 'Invalid DateTime';
  const { dateStyle, timeStyle, ...rest } = format;
  const asked = dateStyle === 'short' && !timeStyle
    ? { year: 'numeric', month: 'numeric', day: 'numeric', ...rest } : format;
  return kit.formatDate(this, options.locale ?? format.locale ?? this.locale, asked);
});
const MED = { year: 'numeric', month: 'short', day: 'numeric' }, FULL = { year: 'numeric', month: 'long', day: 'numeric' };
const HM = { hour: 'numeric', minute: 'numeric' }, HMS = { ...HM, second: 'numeric' };
const FIGURES = { year: 'numeric', month: 'numeric', day: 'numeric' };
for (const [name, value] of Object.entries({
  DATE_SHORT: FIGURES, DATE_MED: MED, DATE_MED_WITH_WEEKDAY: { ...MED, weekday: 'short' }, DATE_FULL: FULL,
  DATE_HUGE: { ...FULL, weekday: 'long' }, TIME_SIMPLE: HM, TIME_WITH_SECONDS: HMS,
  TIME_24_SIMPLE: { ...HM, hour12: false }, TIME_24_WITH_SECONDS: { ...HMS, hour12: false },
  TIME_WITH_SHORT_OFFSET: { ...HMS, timeZoneName: 'short' }, TIME_WITH_LONG_OFFSET: { ...HMS, timeZoneName: 'long' },
  DATETIME_SHORT: { ...FIGURES, ...HM }, DATETIME_SHORT_WITH_SECONDS: { ...FIGURES, ...HMS },
  DATETIME_MED: { ...MED, ...HM }, DATETIME_MED_WITH_SECONDS: { ...MED, ...HMS },
  DATETIME_MED_WITH_WEEKDAY: { ...MED, weekday: 'short', ...HM },
  DATETIME_FULL: { ...FULL, ...HM, timeZoneName: 'short' },
  DATETIME_HUGE: { ...FULL, weekday: 'long', ...HM, timeZoneName: 'long' },
}))
  static_(name, value);

const RELATIVE = ['years', 'months', 'days', 'hours', 'minutes', 'seconds'];
method('toRelative', function toRelative(options = {}) {
  if (!this.isValid) return null;
  const base = options.base ?? DateTime.now();
  const units = options.unit ? [options.unit].flat() : RELATIVE;
  for (const unit of units) {
    const count = this.diff(base, unit).get(unit), size = options.round === false ? Math.abs(count) : Math.trunc(Math.abs(count));
    if (size >= 1 || unit === units.at(-1)) {
      const name = kit.unitOf(unit), told = size === 1 ? name.slice(0, -1) : name;
      return count < 0 ? `${size} ${told} ago` : `in ${size} ${told}`;
    }
  }
  return null;
});
method('toRelativeCalendar', function toRelativeCalendar(options = {}) {
  if (!this.isValid) return null;
  const base = options.base ?? DateTime.now().setZone(this.zone);
  for (const unit of options.unit ? [options.unit] : ['years', 'months', 'weeks', 'days']) {
    const count = Math.round(this.startOf(unit).diff(base.startOf(unit), unit).get(unit)), one = kit.unitOf(unit).slice(0, -1);
    if (count === 0 && unit !== 'days' && !options.unit) continue;
    if (one === 'day' && Math.abs(count) < 2) return ['yesterday', 'today', 'tomorrow'][count + 1];
    if (Math.abs(count) < 2) return `${['last', 'this', 'next'][count + 1]} ${one}`;
    return count < 0 ? `${-count} ${one}s ago` : `in ${count} ${one}s`;
  }
  return null;
});

// --- read ------------------------------------------------------------------------------------------

function made(values, offset, options = {}) {
  const zone = kit.zoneOf(options.zone);
  if (offset === undefined) return DateTime.built(values, DateTime.now().setZone(zone).c, zone, options);
  const fixed = offset === 0 ? kit.utc : kit.fixedZone(offset);
  const read = DateTime.built(values, DateTime.now().setZone(fixed).c, fixed, options);
  return options.setZone || !read.isValid ? read : read.setZone(zone);
}
const offsetOf = (text) => {
  if (text === undefined) return undefined;
  if (/^z$/i.test(text)) return 0;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(text);
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
};
const defined = (values) => Object.fromEntries(
  Object.entries(values).filter(([, value]) => value !== undefined).map(([key, value]) => [key, Number(value)]));
const OFFSET = '(Z|[+-]\\d{2}(?::?\\d{2})?)?';
const ISO_DATE = /^(?:([+-]\d{6}|\d{4})(?:-?(\d{2})(?:-?(\d{2}))?)?|(\d{4})-?W(\d{2})(?:-?(\d))?|(\d{4})-?(\d{3}))$/;
const ISO_TIME = new RegExp(`^(\\d{2})(?::?(\\d{2})(?::?(\\d{2})(?:[.,](\\d{1,30}))?)?)?${OFFSET}(?:\\[([^\\]]+)\\])?$`, 'i');
static_('fromISO', (text, options = {}) => {
  if (text instanceof Date) text = text.toISOString();
  if (text instanceof DateTime) text = text.toISO();
  if (typeof text !== 'string') return DateTime.invalid('unparsable');
  const [date, time] = text.trim().split(/[Tt]/);
  const found = ISO_DATE.exec(date) ?? (time === undefined && /^\d{2}:/.test(date) ? [] : null);
  const clock = ISO_TIME.exec(found?.length ? time ?? '00' : date);
  if (!found || !clock || (found.length && time === '')) return DateTime.invalid('unparsable');
  const values = defined({
    year: found[1] ?? found[7], month: found[2], day: found[3], weekYear: found[4], weekNumber: found[5],
    weekday: found[6], ordinal: found[8], hour: clock[1], minute: clock[2] ?? 0, second: clock[3] ?? 0,
    millisecond: clock[4] === undefined ? 0 : Math.trunc(Number(`0.${clock[4]}`) * 1000),
  });
  if (found.length) {
    if (found[1] && !found[7]) { values.month ??= 1; values.day ??= 1; }
    if (found[4]) values.weekday ??= 1;
  }
  return made(values, offsetOf(clock[5]), clock[6] ? { ...options, setZone: options.setZone } : options);
});
static_('fromSQL', (text, options = {}) => {
  const found = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,30}))?)?)?(?:\s*(Z|[+-]\d{2}:?\d{2}|[A-Za-z_]+\/[\w/]+))?$/.exec(String(text).trim());
  if (!found) return DateTime.invalid('unparsable');
  const [, year, month, day, hour = 0, minute = 0, second = 0, fraction, zone] = found;
  const values = defined({ year, month, day, hour, minute, second, millisecond: fraction ? Math.trunc(Number(`0.${fraction}`) * 1000) : 0 });
  return zone?.includes('/') ? made(values, undefined, { ...options, zone }) : made(values, offsetOf(zone), options);
});
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const AMERICAN = { ut: 0, gmt: 0, z: 0, est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420 };
static_('fromRFC2822', (text, options = {}) => {
  const found = /^(?:(?:mon|tue|wed|thu|fri|sat|sun),\s*)?(\d{1,2})\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\s+(\d{2,4})\s+(\d{2}):(\d{2})(?::(\d{2}))?\s+(?:([+-]\d{4})|([a-z]{1,3}))$/i.exec(String(text).replace(/\([^()]*\)/g, ' ').replace(/\s+/g, ' ').trim());
  if (!found) return DateTime.invalid('unparsable');
  const [, day, month, year, hour, minute, second = 0, offset, name] = found;
  const minutes = offset ? offsetOf(offset) : AMERICAN[name.toLowerCase()] ?? 0;
  return made(defined({
    year: year.length === 2 ? (Number(year) > 60 ? 1900 : 2000) + Number(year) : year,
    month: MONTHS.indexOf(month.toLowerCase()) + 1, day, hour, minute, second,
  }), minutes, options);
});
static_('fromHTTP', (text, options = {}) => DateTime.fromRFC2822(
  String(text).replace(/^[a-z]+day, (\d{2})-([a-z]{3})-(\d{2})/i, '$1 $2 $3'), options));

// What a token of a format reads: a pattern, and what it makes of the text.
const digits = (least, most = least) => `\\d{${least},${most}}`;
const READS = {
  y: [digits(1, 6), 'year'], yyyy: [digits(4), 'year'], yyyyy: [digits(4, 6), 'year'], yyyyyy: [digits(6), 'year'],
  yy: [digits(2, 4), 'shortYear'], M: [digits(1, 2), 'month'], MM: [digits(2), 'month'],
  L: [digits(1, 2), 'month'], LL: [digits(2), 'month'], d: [digits(1, 2), 'day'], dd: [digits(2), 'day'],
  o: [digits(1, 3), 'ordinal'], ooo: [digits(3), 'ordinal'], H: [digits(1, 2), 'hour'], HH: [digits(2), 'hour'],
  h: [digits(1, 2), 'hour'], hh: [digits(2), 'hour'], m: [digits(1, 2), 'minute'], mm: [digits(2), 'minute'],
  q: [digits(1), 'quarter'], qq: [digits(2), 'quarter'], s: [digits(1, 2), 'second'], ss: [digits(2), 'second'],
  S: [digits(1, 3), 'millisecond'], SSS: [digits(3), 'millisecond'], u: [digits(1, 9), 'fraction'],
  uu: [digits(1, 2), 'fraction'], uuu: [digits(1), 'fraction'], a: ['[ap]\\.?m\\.?', 'meridiem'],
  kkkk: [digits(4), 'weekYear'], kk: [digits(2, 4), 'shortWeekYear'], W: [digits(1, 2), 'weekNumber'],
  WW: [digits(2), 'weekNumber'], E: [digits(1), 'weekday'], c: [digits(1), 'weekday'],
  Z: ['[+-]\\d{1,2}(?::\\d{2})?', 'offset'], ZZ: ['[+-]\\d{1,2}(?::\\d{2})?', 'offset'],
  ZZZ: ['[+-]\\d{1,2}\\d{2}', 'offset'], z: ['[a-z_+-/0-9]{1,256}', 'zone'],
  X: ['-?\\d{1,16}(?:\\.\\d{1,3})?', 'unix'], x: ['-?\\d{1,16}', 'millis'],
};
const escaped = (text) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s+/g, '\\s+');
const alternatives = (names) => names.map(escaped).sort((one, other) => other.length - one.length).join('|');
const MACROS = {
  D: 'M/d/yyyy', DD: 'LLL d, yyyy', DDD: 'LLLL d, yyyy', DDDD: 'EEEE, LLLL d, yyyy', t: 'h:mm a', tt: 'h:mm:ss a',
  T: 'H:mm', TT: 'H:mm:ss', f: 'M/d/yyyy, h:mm a', ff: 'LLL d, yyyy, h:mm a', F: 'M/d/yyyy, h:mm:ss a',
};
static_('fromFormat', (text, format, options = {}) => {
  const locale = options.locale ?? 'en-US', meanings = [];
  const [long, short] = kit.monthsOf(locale);
  const expanded = String(format).replace(TOKENS, (all, quoted, letter) => (letter && MACROS[all]) || all);
  const pattern = expanded.replace(TOKENS, (all, quoted, letter) => {
    if (quoted !== undefined) return escaped(quoted);
    if (!letter) return escaped(all);
    if (/^(?:LLL|MMM)$/.test(all)) { meanings.push(['name', short]); return `(${alternatives(short)})`; }
    if (/^(?:LLLL|MMMM)$/.test(all)) { meanings.push(['name', long]); return `(${alternatives(long)})`; }
    if (/^(?:EEE|ccc|EEEE|cccc)$/.test(all)) { meanings.push(['nothing']); return '([\\p{L}.-]+)'; }
    const read = READS[all];
    if (!read) return escaped(all);
    meanings.push([read[1]]);
    return `(${read[0]})`;
  });
  const found = new RegExp(`^${pattern}$`, 'iu').exec(String(text));
  if (!found) return DateTime.invalid('unparsable');
  const values = {};
  let offset, zone, afternoon;
  for (const [at, [meaning, names]] of meanings.entries()) {
    const read = found[at + 1];
    switch (meaning) {
      case 'name': values.month = names.findIndex((name) => name.toLowerCase() === read.toLowerCase()) + 1; break;
      case 'shortYear': values.year = read.length > 2 ? Number(read) : (Number(read) > 60 ? 1900 : 2000) + Number(read); break;
      case 'shortWeekYear': values.weekYear = read.length > 2 ? Number(read) : 2000 + Number(read); break;
      case 'fraction': values.millisecond = Math.trunc(Number(`0.${read}`) * 1000); break;
      case 'meridiem': afternoon = /^p/i.test(read); break;
      case 'offset': offset = offsetOf(read.replace(/^([+-])(\d)(?!\d)/, '$10$2')); break;
      case 'zone': zone = read; break;
      case 'unix': return made0(Number(read) * 1000, options);
      case 'millis': return made0(Number(read), options);
      case 'quarter': values.month = (Number(read) - 1) * 3 + 1; break;
      case 'nothing': break;
      default: values[meaning] = Number(read);
    }
  }
  if (afternoon !== undefined && values.hour !== undefined) {
    if (values.hour > 12) return DateTime.invalid('unit out of range');
    values.hour = (values.hour % 12) + (afternoon ? 12 : 0);
  }
  if ('weekday' in values && !('weekNumber' in values)) delete values.weekday;
  if (!Object.keys(values).length) values.hour = 0;
  if (zone) {
    const read = made(values, undefined, { ...options, zone });
    return options.setZone ? read : read.setZone(kit.zoneOf(options.zone));
  }
  return made(values, offset, options);
});
const made0 = (millis, options) => DateTime.fromMillis(millis, options);
static_('fromString', DateTime.fromFormat);
static_('parseFormatForOpts', () => null);
}

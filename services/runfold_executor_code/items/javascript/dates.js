// The methods that n8n adds to dates, and how it reads a text as one.
(kit) => {
'use strict';
const { DateTime } = kit;
const ExpressionError = kit.ExpressionError ?? Error;
const isMoment = (value) => value instanceof DateTime;
const momentOf = (value) => (isMoment(value) ? value : DateTime.fromJSDate(value));
const like = (given, made) => (isMoment(given) ? made : made.toJSDate());
const UNITS = ['years', 'quarters', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds'];

kit.readDateTime = (value) => {
  if (isMoment(value)) return value;
  if (value instanceof Date) return DateTime.fromJSDate(value);
  const text = String(value).trim();
  for (const read of [DateTime.fromISO, DateTime.fromHTTP, DateTime.fromRFC2822, DateTime.fromSQL]) {
    const made = read(text, { setZone: true });
    if (made.isValid) return made;
  }
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? null : DateTime.fromMillis(millis);
};
const asMoment = (value) => {
  if (isMoment(value)) return value;
  if (value instanceof Date) return DateTime.fromJSDate(value);
  return typeof value === 'string' ? kit.readDateTime(value) : null;
};
const lengthOf = (given) => {
  if (given.length === 1) return given[0];
  const [count = 0, unit = 'minutes'] = given;
  return { [unit]: count };
};
const PARTS = { day: 'day', week: 'weekNumber', month: 'month', year: 'year', hour: 'hour', minute: 'minute', second: 'second', millisecond: 'millisecond' };
const dates = {
  beginningOf: (date, unit = 'week') => like(date, momentOf(date).startOf(unit)),
  endOfMonth: (date) => like(date, momentOf(date).endOf('month')),
  extract(date, part = 'week') {
    const moment = momentOf(date);
    if (part === 'yearDayNumber') return moment.ordinal;
    const value = moment.get(PARTS[part] ?? PARTS[String(part).replace(/s$/, '')] ?? part);
    return typeof value === 'number' ? value : null;
  },
  format: (date, format, options) => momentOf(date).toFormat(format, options),
  isBetween(date, ...given) {
    if (given.length !== 2) throw new ExpressionError('isBetween() needs two dates');
    const [one, other] = given.map(asMoment);
    if (!one?.isValid || !other?.isValid) return undefined;
    return Math.min(+one, +other) < +date && +date < Math.max(+one, +other);
  },
  isDst: (date) => momentOf(date).isInDST,
  isInLast(date, count = 0, unit = 'minutes') {
    const now = DateTime.now();
    return +now.minus({ [unit]: count }) <= +date && +date <= +now;
  },
  isWeekend: (date) => momentOf(date).weekday > 5,
  minus: (date, ...given) => like(date, momentOf(date).minus(lengthOf(given))),
  plus: (date, ...given) => like(date, momentOf(date).plus(lengthOf(given))),
  diffTo(date, other, unit = 'days') {
    const units = [unit].flat();
    if (!units.length) units.push('days');
    for (const one of units)
      if (!UNITS.includes(one) && !UNITS.includes(`${one}s`))
        throw new ExpressionError(`Unsupported unit '${one}': use ${UNITS.join(', ')}`);
    const found = momentOf(date).diff(asMoment(other) ?? DateTime.invalid(''), units);
    return units.length > 1 ? found.toObject() : found.as(units[0]);
  },
  diffToNow: (date, unit) => dates.diffTo(date, DateTime.now(), unit),
  toDateTime: (date) => momentOf(date),
  toInt: (date) => +date,
  toFloat: (date) => +date,
  toBoolean: () => undefined,
  isEmpty: () => false,
  isNotEmpty: () => true,
};
if (kit.tables) Object.assign(kit.tables.dates, dates);
}

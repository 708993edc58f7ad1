// Moments with a time zone: what workflows use of Luxon's DateTime.
(kit) => {
'use strict';
const DAY = 864e5, MINUTE = 6e4;
const civil = (year, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0) => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, millisecond);
  return +date;
};
const monthDays = (year, month) => new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
const weekdayOf = (millis) => ((Math.floor(millis / DAY) + 3) % 7 + 7) % 7 + 1;
// Milliseconds since 1970 of a time as clocks in a zone show it; one that they skip comes later.
function instantOf(local, zone) {
  const first = local - zone.offset(local) * MINUTE;
  const before = zone.offset(first), second = local - before * MINUTE;
  if (zone.offset(second) === before) return second;
  return local - Math.min(before, zone.offset(second)) * MINUTE;
}
const PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'];
const single = (unit) => {
  const text = String(unit).toLowerCase();
  if (['weekday', 'weekdays'].includes(text)) return 'weekday';
  if (['weeknumber', 'weeknumbers'].includes(text)) return 'weekNumber';
  if (['weekyear', 'weekyears'].includes(text)) return 'weekYear';
  if (text === 'ordinal') return 'ordinal';
  return kit.unitOf(text).slice(0, -1);
};

class DateTime {
  constructor(millis, zone, options = {}) {
    this.ts = Math.trunc(millis);
    this.zone = zone;
    this.locale = options.locale ?? 'en-US';
    this.invalidReason = options.invalid
      ?? (Number.isNaN(millis) ? 'invalid input' : zone.isValid ? null : 'unsupported zone');
    this.parts = null;
  }

  // --- made of ----------------------------------------------------------------------------------

  static now() { return new DateTime(Date.now(), kit.localZone()); }
  static local(...given) { return DateTime.civil(given, undefined); }
  static utc(...given) { return DateTime.civil(given, 'utc'); }
  static civil(given, zoneName) {
    const options = typeof given.at(-1) === 'object' ? given.at(-1) : {};
    const numbers = given.filter((one) => typeof one === 'number');
    const zone = kit.zoneOf(zoneName ?? options.zone);
    if (!numbers.length) return new DateTime(Date.now(), zone, options);
    const values = Object.fromEntries(PARTS.slice(0, numbers.length).map((part, at) => [part, numbers[at]]));
    return DateTime.fromObject(values, { ...options, zone });
  }
  static fromMillis(millis, options = {}) {
    if (typeof millis !== 'number') throw new Error('fromMillis requires a numerical input');
    return new DateTime(millis, kit.zoneOf(options.zone), options);
  }
  static fromSeconds(seconds, options = {}) {
    if (typeof seconds !== 'number') throw new Error('fromSeconds requires a numerical input');
    return new DateTime(seconds * 1000, kit.zoneOf(options.zone), options);
  }
  static fromJSDate(date, options = {}) {
    return new DateTime(date instanceof Date ? +date : NaN, kit.zoneOf(options.zone), options);
  }
  static fromObject(given = {}, options = {}) {
    const zone = kit.zoneOf(options.zone);
    const values = {};
    for (const [key, value] of Object.entries(given))
      if (value !== undefined && value !== null) values[single(key)] = Number(value);
    const now = new DateTime(Date.now(), zone).c;
    return DateTime.built(values, now, zone, options);
  }
  // Parts that are not given: above the largest that is, those of now; below, the least.
  static built(values, now, zone, options) {
    if (!zone.isValid) return DateTime.invalid('unsupported zone');
    if ('weekYear' in values || 'weekNumber' in values || 'weekday' in values) {
      const year = values.weekYear ?? values.year ?? now.weekYear;
      const week = values.weekNumber ?? ('weekYear' in values ? 1 : now.weekNumber);
      const first = civil(year, 1, 4);
      const local = first + ((week - 1) * 7 + (values.weekday ?? 1) - weekdayOf(first)) * DAY;
      const date = new Date(local);
      values = { ...values, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    } else if ('ordinal' in values) {
      const date = new Date(civil(values.year ?? now.year, 1, values.ordinal));
      values = { ...values, year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    }
    let seen = false;
    const filled = PARTS.map((part) => {
      if (part in values) { seen = true; return values[part]; }
      return seen ? (part === 'month' || part === 'day' ? 1 : 0) : now[part];
    });
    const [year, month, day, hour, minute, second, millisecond] = filled;
    const most = [null, 12, monthDays(year, month), hour === 24 && !minute && !second && !millisecond ? 24 : 23, 59, 59, 999];
    for (let at = 1; at < PARTS.length; at++) {
      const least = at < 3 ? 1 : 0;
      if (!Number.isInteger(filled[at]) || filled[at] < least || filled[at] > most[at])
        return DateTime.invalid('unit out of range');
    }
    if (!Number.isInteger(year)) return DateTime.invalid('unit out of range');
    return new DateTime(instantOf(civil(...filled), zone), zone, options);
  }
  static invalid(reason) { return new DateTime(NaN, kit.utc, { invalid: reason || 'invalid input' }); }
  static isDateTime(value) { return value instanceof DateTime; }
  static max(...moments) { return moments.reduce((one, other) => (+other > +one ? other : one)); }
  static min(...moments) { return moments.reduce((one, other) => (+other < +one ? other : one)); }

  // --- parts ------------------------------------------------------------------------------------

  get isValid() { return this.invalidReason === null; }
  get offset() { return this.isValid ? this.zone.offset(this.ts) : NaN; }
  get zoneName() { return this.isValid ? this.zone.name : null; }
  get isInDST() { return this.isValid && this.zone.isSummer(this.ts); }
  get isOffsetFixed() { return !this.zone.table; }
  get offsetNameShort() { return this.isValid ? kit.zoneName(this, false) : null; }
  get offsetNameLong() { return this.isValid ? kit.zoneName(this, true) : null; }
  get local() { return this.ts + this.offset * MINUTE; }
  // All parts, computed once.
  get c() {
    if (this.parts) return this.parts;
    const date = new Date(this.local);
    const year = date.getUTCFullYear(), month = date.getUTCMonth() + 1, day = date.getUTCDate();
    const days = Math.floor(this.local / DAY), weekday = weekdayOf(this.local);
    const thursday = new Date((days + 4 - weekday) * DAY), weekYear = thursday.getUTCFullYear();
    this.parts = {
      year, month, day, hour: date.getUTCHours(), minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(), millisecond: date.getUTCMilliseconds(),
      quarter: Math.ceil(month / 3), weekday, weekYear,
      weekNumber: Math.floor((+thursday - civil(weekYear)) / DAY / 7) + 1,
      ordinal: days - Math.floor(civil(year) / DAY) + 1,
      daysInMonth: monthDays(year, month),
      daysInYear: monthDays(year, 2) === 29 ? 366 : 365,
      isInLeapYear: monthDays(year, 2) === 29,
    };
    return this.parts;
  }
  get weeksInWeekYear() { return DateTime.fromObject({ year: this.weekYear, month: 12, day: 28 }).weekNumber; }
  get isWeekend() { return this.weekday > 5; }
  get(unit) { return this[unit]; }
  get monthLong() { return kit.monthName(this, 'long'); }
  get monthShort() { return kit.monthName(this, 'short'); }
  get weekdayLong() { return kit.weekdayName(this, 'long'); }
  get weekdayShort() { return kit.weekdayName(this, 'short'); }

  // --- others of it -----------------------------------------------------------------------------

  at(millis, zone = this.zone) { return new DateTime(millis, zone, { locale: this.locale }); }
  setZone(name, { keepLocalTime = false } = {}) {
    const zone = kit.zoneOf(name);
    if (!zone.isValid) return DateTime.invalid('unsupported zone');
    return this.at(keepLocalTime ? instantOf(this.local, zone) : this.ts, zone);
  }
  toUTC(offset = 0) { return this.setZone(offset); }
  toLocal() { return this.setZone(kit.localZone()); }
  setLocale(locale) { return new DateTime(this.ts, this.zone, { locale, invalid: this.invalidReason }); }
  reconfigure({ locale } = {}) { return locale ? this.setLocale(locale) : this; }
  set(given) {
    if (!this.isValid) return this;
    const values = {};
    for (const [key, value] of Object.entries(given)) values[single(key)] = Number(value);
    const { c } = this;
    let made = { year: c.year, month: c.month, day: c.day, hour: c.hour, minute: c.minute, second: c.second, millisecond: c.millisecond };
    if ('weekday' in values || 'weekNumber' in values || 'weekYear' in values) {
      const { year: _y, month: _m, day: _d, ...time } = made;
      return DateTime.built(
        { weekYear: c.weekYear, weekNumber: c.weekNumber, weekday: c.weekday, ...time, ...values }, c, this.zone, { locale: this.locale });
    }
    if ('quarter' in values) values.month = (values.quarter - 1) * 3 + ((c.month - 1) % 3) + 1;
    if ('ordinal' in values) {
      const { month: _m, day: _d, ...rest } = made;
      made = rest;
    } else if (!('day' in values))
      made.day = Math.min(c.day, monthDays(values.year ?? c.year, values.month ?? c.month));
    delete values.quarter;
    return DateTime.built({ ...made, ...values }, c, this.zone, { locale: this.locale });
  }
  shifted(length, sign) {
    if (!this.isValid) return this;
    const duration = kit.Duration.from(length), { values } = duration;
    if (!duration.isValid) return DateTime.invalid('invalid duration');
    const of = (unit) => sign * (values[unit] ?? 0);
    let local = this.local, moved = this.ts;
    const months = Math.trunc(of('years')) * 12 + Math.trunc(of('quarters')) * 3 + Math.trunc(of('months'));
    const days = Math.trunc(of('weeks')) * 7 + Math.trunc(of('days'));
    if (months || days) {
      const { c } = this, total = c.year * 12 + c.month - 1 + months;
      const year = Math.floor(total / 12), month = total - year * 12 + 1;
      local = civil(year, month, Math.min(c.day, monthDays(year, month)), c.hour, c.minute, c.second, c.millisecond);
      moved = instantOf(local + days * DAY, this.zone);
    }
    const part = (unit, size) => (of(unit) - Math.trunc(of(unit))) * size;
    const rest = part('years', 365 * DAY) + part('quarters', 91 * DAY) + part('months', 30 * DAY)
      + part('weeks', 7 * DAY) + part('days', DAY)
      + of('hours') * 36e5 + of('minutes') * MINUTE + of('seconds') * 1e3 + of('milliseconds');
    return this.at(moved + rest);
  }
  plus(length) { return this.shifted(length, 1); }
  minus(length) { return this.shifted(length, -1); }
  startOf(asked) {
    if (!this.isValid) return this;
    const unit = single(asked), { c } = this;
    if (unit === 'week') return this.minus({ days: c.weekday - 1 }).startOf('day');
    if (unit === 'quarter') return this.set({ month: (c.quarter - 1) * 3 + 1, day: 1 }).startOf('day');
    const at = PARTS.indexOf(unit);
    if (at < 0) throw new Error(`Invalid unit ${asked}`);
    // Hours and less are the same length everywhere, also where clocks are set.
    if (at >= 3) {
      const size = [36e5, MINUTE, 1e3, 1][at - 3];
      return this.at(this.ts - ((this.local % size) + size) % size);
    }
    return this.at(instantOf(civil(c.year, at > 0 ? c.month : 1, at > 1 ? c.day : 1), this.zone));
  }
  endOf(unit) {
    return this.isValid ? this.plus({ [`${single(unit)}s`]: 1 }).startOf(unit).minus(1) : this;
  }
  diff(other, units = 'milliseconds', _options = {}) {
    other = kit.momentOf(other);
    if (!this.isValid || !other.isValid) return new kit.Duration({}, 'created by diffing an invalid DateTime');
    const wanted = (Array.isArray(units) ? units : [units]).map(kit.unitOf);
    const sign = +this < +other ? -1 : 1;
    const [early, late] = sign < 0 ? [this, other.setZone(this.zone)] : [other.setZone(this.zone), this];
    const values = {};
    let cursor = early;
    const order = ['years', 'quarters', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds'];
    const asked = order.filter((unit) => wanted.includes(unit));
    asked.forEach((unit, place) => {
      const last = place === asked.length - 1;
      const size = kit.Duration.fromObject({ [unit]: 1 }).toMillis();
      if (order.indexOf(unit) > 4) {
        const count = (+late - +cursor) / size;
        values[unit] = last ? count : Math.trunc(count);
        cursor = cursor.plus({ [unit]: values[unit] });
        return;
      }
      const base = cursor;
      let count = Math.max(0, Math.floor((+late - +cursor) / size) - 1);
      while (+base.plus({ [unit]: count + 1 }) <= +late) count++;
      while (count > 0 && +base.plus({ [unit]: count }) > +late) count--;
      cursor = base.plus({ [unit]: count });
      values[unit] = count;
      if (last && +cursor < +late) {
        const next = base.plus({ [unit]: count + 1 });
        values[unit] += (+late - +cursor) / (+next - +cursor);
      }
    });
    if (sign < 0) for (const unit of asked) values[unit] = values[unit] ? -values[unit] : 0;
    return new kit.Duration(values);
  }
  diffNow(units = 'milliseconds', options = {}) { return this.diff(DateTime.now(), units, options); }
  until(other) { return kit.Interval.fromDateTimes(this, other); }
  hasSame(other, unit) {
    if (!this.isValid) return false;
    const start = this.setZone(other.zone, { keepLocalTime: true }).startOf(unit);
    return +start <= +other && +other <= +start.endOf(unit);
  }
  equals(other) {
    return this.isValid && other?.isValid && +this === +other && this.zone.name === other.zone.name;
  }

  // --- told -------------------------------------------------------------------------------------

  valueOf() { return this.isValid ? this.ts : NaN; }
  toMillis() { return this.valueOf(); }
  toSeconds() { return this.isValid ? this.ts / 1000 : NaN; }
  toUnixInteger() { return this.isValid ? Math.floor(this.ts / 1000) : NaN; }
  toJSDate() { return new Date(this.valueOf()); }
  toBSON() { return this.toJSDate(); }
  toObject() {
    if (!this.isValid) return {};
    return Object.fromEntries(PARTS.map((part) => [part, this.c[part]]));
  }
  toJSON() { return this.toISO(); }
  toString() { return this.isValid ? this.toISO() : 'Invalid DateTime'; }
  [Symbol.toPrimitive](hint) { return hint === 'number' ? this.valueOf() : hint === 'string' ? this.toString() : this.valueOf(); }
}
for (const part of [...PARTS, 'quarter', 'weekday', 'weekYear', 'weekNumber', 'ordinal', 'daysInMonth', 'daysInYear', 'isInLeapYear'])
  Object.defineProperty(DateTime.prototype, part, {
    get() { return this.isValid ? this.c[part] : NaN; }, configurable: true,
  });

kit.momentOf = (value) => {
  if (value instanceof DateTime) return value;
  if (value instanceof Date) return DateTime.fromJSDate(value);
  if (typeof value === 'object' && value !== null) return DateTime.fromObject(value);
  throw new Error(`Unknown datetime argument: ${value}, of type ${typeof value}`);
};
kit.DateTime = DateTime;
kit.civilInstant = (values, zone) => instantOf(civil(...values), zone);
}

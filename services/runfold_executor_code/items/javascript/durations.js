// Lengths of time and stretches between two moments, as Luxon's Duration and Interval.
(kit) => {
'use strict';
const UNITS = ['years', 'quarters', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds'];
const MILLIS = {
  years: 365 * 864e5, quarters: 91 * 864e5, months: 30 * 864e5, weeks: 7 * 864e5, days: 864e5,
  hours: 36e5, minutes: 6e4, seconds: 1e3, milliseconds: 1,
};
const SHORT = {
  ms: 'milliseconds', sec: 'seconds', secs: 'seconds', min: 'minutes', mins: 'minutes', hr: 'hours',
  hrs: 'hours',
};
kit.unitOf = (text) => {
  const unit = String(text).toLowerCase();
  const plural = SHORT[unit] ?? (unit.endsWith('s') ? unit : `${unit}s`);
  if (!UNITS.includes(plural)) throw new Error(`Invalid unit ${text}`);
  return plural;
};
const two = (value, width = 2) => String(Math.trunc(Math.abs(value))).padStart(width, '0');

class Duration {
  constructor(values, invalid = null) { this.values = values; this.invalidReason = invalid; }
  static fromObject(given) {
    const values = {};
    for (const [unit, value] of Object.entries(given ?? {}))
      if (value !== undefined && value !== null && !['locale', 'numberingSystem'].includes(unit))
        values[kit.unitOf(unit)] = Number(value);
    return new Duration(values);
  }
  static fromMillis(millis) { return new Duration({ milliseconds: millis }); }
  static fromISO(text) {
    const found = /^(-)?P(?:([-\d.]+)Y)?(?:([-\d.]+)M)?(?:([-\d.]+)W)?(?:([-\d.]+)D)?(?:T(?:([-\d.]+)H)?(?:([-\d.]+)M)?(?:([-\d.]+)S)?)?$/.exec(text);
    if (!found) return new Duration({}, 'unparsable');
    const units = ['years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'], values = {};
    units.forEach((unit, at) => {
      if (found[at + 2] !== undefined) values[unit] = Number(found[at + 2]) * (found[1] ? -1 : 1);
    });
    return new Duration(values);
  }
  static fromISOTime(text) {
    const found = /^(\d{1,2}):?(\d{2})(?::?(\d{2})(?:\.(\d+))?)?$/.exec(text);
    if (!found) return new Duration({}, 'unparsable');
    return Duration.fromObject({
      hours: found[1], minutes: found[2], seconds: found[3] ?? 0,
      milliseconds: found[4] ? Number(`0.${found[4]}`) * 1000 : 0,
    });
  }
  static isDuration(value) { return value instanceof Duration; }
  static from(value) {
    if (value instanceof Duration) return value;
    if (typeof value === 'number') return Duration.fromMillis(value);
    if (typeof value === 'object' && value !== null) return Duration.fromObject(value);
    throw new Error(`Unknown duration ${value}`);
  }
  get isValid() { return this.invalidReason === null; }
  get(unit) { return this.values[kit.unitOf(unit)] ?? 0; }
  valueOf() { return this.toMillis(); }
  toMillis() {
    if (!this.isValid) return NaN;
    return UNITS.reduce((sum, unit) => sum + (this.values[unit] ?? 0) * MILLIS[unit], 0);
  }
  as(unit) { return this.isValid ? this.shiftTo(unit).get(unit) : NaN; }
  shiftTo(...asked) {
    if (!asked.length || !this.isValid) return this;
    const wanted = UNITS.filter((unit) => asked.map(kit.unitOf).includes(unit));
    const values = {};
    let rest = this.toMillis();
    wanted.forEach((unit, at) => {
      const size = rest / MILLIS[unit];
      values[unit] = at === wanted.length - 1 ? size : Math.trunc(size);
      rest -= values[unit] * MILLIS[unit];
    });
    return new Duration(values);
  }
  normalize() { return this.shiftTo(...Object.keys(this.values)); }
  rescale() {
    const shifted = this.shiftTo('years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds');
    return new Duration(Object.fromEntries(Object.entries(shifted.values).filter(([, value]) => value)));
  }
  shiftToAll() {
    return this.shiftTo('years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds', 'milliseconds');
  }
  plus(other) {
    const values = { ...this.values };
    for (const [unit, value] of Object.entries(Duration.from(other).values))
      values[unit] = (values[unit] ?? 0) + value;
    return new Duration(values);
  }
  minus(other) { return this.plus(Duration.from(other).negate()); }
  negate() { return this.mapUnits((value) => -value); }
  mapUnits(change) {
    return new Duration(Object.fromEntries(
      Object.entries(this.values).map(([unit, value]) => [unit, change(value, unit)])));
  }
  set(values) { return new Duration({ ...this.values, ...Duration.fromObject(values).values }); }
  toObject() { return { ...this.values }; }
  equals(other) { return JSON.stringify(this.values) === JSON.stringify(other?.values); }
  toISO() {
    if (!this.isValid) return null;
    const part = (unit, letter) => (this.values[unit] ? `${this.values[unit]}${letter}` : '');
    const seconds = (this.values.seconds ?? 0) + (this.values.milliseconds ?? 0) / 1000;
    const days = part('years', 'Y')
      + (this.values.months || this.values.quarters ? `${(this.values.months ?? 0) + 3 * (this.values.quarters ?? 0)}M` : '')
      + part('weeks', 'W') + part('days', 'D');
    const time = part('hours', 'H') + part('minutes', 'M') + (seconds ? `${+seconds.toFixed(3)}S` : '');
    return days || time ? `P${days}${time ? `T${time}` : ''}` : 'PT0S';
  }
  toISOTime() {
    const { hours, minutes, seconds, milliseconds } = this.shiftTo('hours', 'minutes', 'seconds', 'milliseconds').values;
    return `${two(hours)}:${two(minutes)}:${two(seconds)}.${two(milliseconds, 3)}`;
  }
  toFormat(format) {
    const names = { y: 'years', M: 'months', w: 'weeks', d: 'days', h: 'hours', m: 'minutes', s: 'seconds', S: 'milliseconds' };
    const units = [...new Set(format.replace(/'[^']*'/g, ''))].map((one) => names[one]).filter(Boolean);
    const { values } = this.shiftTo(...units);
    return format.replace(/'([^']*)'|(y+|M+|w+|d+|h+|m+|s+|S+)/g, (_all, quoted, token) => {
      if (token === undefined) return quoted;
      const value = Math.floor(values[names[token[0]]]);
      return String(value).padStart(token.length, '0');
    });
  }
  toHuman() {
    return UNITS.filter((unit) => this.values[unit] !== undefined).map((unit) => {
      const value = this.values[unit];
      return `${value} ${value === 1 ? unit.slice(0, -1) : unit}`;
    }).join(', ');
  }
  toString() { return this.toISO() ?? 'Invalid Duration'; }
  toJSON() { return this.toISO(); }
}
for (const unit of UNITS)
  Object.defineProperty(Duration.prototype, unit, { get() { return this.values[unit] ?? 0; }, configurable: true });

class Interval {
  constructor(start, end) { this.start = start; this.end = end; }
  static fromDateTimes(start, end) { return new Interval(kit.momentOf(start), kit.momentOf(end)); }
  static after(start, length) { return Interval.fromDateTimes(start, kit.momentOf(start).plus(length)); }
  static before(end, length) { return Interval.fromDateTimes(kit.momentOf(end).minus(length), end); }
  static fromISO(text) {
    const [start, end] = String(text).split('/');
    if (end?.startsWith('P')) return Interval.after(kit.DateTime.fromISO(start), Duration.fromISO(end));
    return Interval.fromDateTimes(kit.DateTime.fromISO(start), kit.DateTime.fromISO(end));
  }
  static isInterval(value) { return value instanceof Interval; }
  get isValid() { return this.start.isValid && this.end.isValid && +this.end >= +this.start; }
  length(unit = 'milliseconds') { return this.toDuration(unit).get(unit); }
  count(unit = 'milliseconds') {
    if (!this.isValid) return NaN;
    return Math.floor(this.end.startOf(unit).diff(this.start.startOf(unit), unit).get(unit)) + 1;
  }
  toDuration(unit = 'milliseconds') { return this.end.diff(this.start, unit); }
  contains(moment) { return +this.start <= +moment && +moment < +this.end; }
  isEmpty() { return +this.start === +this.end; }
  isBefore(moment) { return +this.end <= +moment; }
  isAfter(moment) { return +this.start > +moment; }
  overlaps(other) { return +this.end > +other.start && +this.start < +other.end; }
  abutsStart(other) { return +this.end === +other.start; }
  equals(other) { return +this.start === +other.start && +this.end === +other.end; }
  engulfs(other) { return +this.start <= +other.start && +this.end >= +other.end; }
  intersection(other) {
    const start = +this.start > +other.start ? this.start : other.start;
    const end = +this.end < +other.end ? this.end : other.end;
    return +start >= +end ? null : new Interval(start, end);
  }
  union(other) {
    return new Interval(
      +this.start < +other.start ? this.start : other.start, +this.end > +other.end ? this.end : other.end);
  }
  splitBy(length) {
    const made = [], step = Duration.from(length);
    if (!(step.toMillis() > 0)) return made;
    for (let at = 0; ; at++) {
      const start = this.start.plus(step.mapUnits((value) => value * at));
      if (+start >= +this.end) return made;
      const end = this.start.plus(step.mapUnits((value) => value * (at + 1)));
      made.push(new Interval(start, +end > +this.end ? this.end : end));
    }
  }
  divideEqually(parts) { return this.splitBy(this.length() / parts).slice(0, parts); }
  set({ start, end }) { return Interval.fromDateTimes(start ?? this.start, end ?? this.end); }
  toISO() { return `${this.start.toISO()}/${this.end.toISO()}`; }
  toISODate() { return `${this.start.toISODate()}/${this.end.toISODate()}`; }
  toString() { return this.isValid ? `[${this.start.toISO()} – ${this.end.toISO()})` : 'Invalid Interval'; }
  toFormat(format, { separator = ' – ' } = {}) {
    return `${this.start.toFormat(format)}${separator}${this.end.toFormat(format)}`;
  }
  toJSON() { return this.toISO(); }
}
kit.Duration = Duration;
kit.Interval = Interval;
}

// Dates and numbers as people of a few languages write them: the engine has no Intl.
(kit) => {
'use strict';
const MONTHS = {
  en: 'January February March April May June July August September October November December',
  de: 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember',
  fr: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
  es: 'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
  pt: 'janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro',
  it: 'gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre',
  nl: 'januari februari maart april mei juni juli augustus september oktober november december',
};
const SHORT_MONTHS = {
  en: 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec',
  de: 'Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.',
  fr: 'janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.',
  es: 'ene feb mar abr may jun jul ago sept oct nov dic',
  pt: 'jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez.',
  it: 'gen feb mar apr mag giu lug ago set ott nov dic',
  nl: 'jan feb mrt apr mei jun jul aug sep okt nov dec',
};
const DAYS = {
  en: 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday',
  de: 'Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag',
  fr: 'lundi mardi mercredi jeudi vendredi samedi dimanche',
  es: 'lunes martes miércoles jueves viernes sábado domingo',
  pt: 'segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo',
  it: 'lunedì martedì mercoledì giovedì venerdì sabato domenica',
  nl: 'maandag dinsdag woensdag donderdag vrijdag zaterdag zondag',
};
const SHORT_DAYS = {
  en: 'Mon Tue Wed Thu Fri Sat Sun', de: 'Mo Di Mi Do Fr Sa So',
  fr: 'lun. mar. mer. jeu. ven. sam. dim.', es: 'lun mar mié jue vie sáb dom',
  pt: 'seg. ter. qua. qui. sex. sáb. dom.', it: 'lun mar mer gio ven sab dom',
  nl: 'ma di wo do vr za zo',
};
// The order of a date in figures, and whether its parts have two digits.
const FIGURES = {
  'en-US': ['M/D/Y', 1], 'en-GB': ['D/M/Y', 2], 'en-AU': ['D/M/Y', 2], 'en-NZ': ['D/M/Y', 2],
  'en-IE': ['D/M/Y', 1], 'en-IN': ['D/M/Y', 1], 'en-CA': ['Y-M-D', 2], 'sv-SE': ['Y-M-D', 2],
  'lt-LT': ['Y-M-D', 2], 'fr-CA': ['Y-M-D', 2], 'ja-JP': ['Y/M/D', 1], 'zh-CN': ['Y/M/D', 1],
  de: ['D.M.Y', 1], fr: ['D/M/Y', 2], es: ['D/M/Y', 1], pt: ['D/M/Y', 2], it: ['D/M/Y', 1],
  nl: ['D-M-Y', 1], id: ['D/M/Y', 1], vi: ['D/M/Y', 1], tr: ['D.M.Y', 2], pl: ['D.M.Y', 2], ru: ['D.M.Y', 2],
  uk: ['D.M.Y', 2], ro: ['D.M.Y', 2], da: ['D.M.Y', 1], nb: ['D.M.Y', 1], no: ['D.M.Y', 1], fi: ['D.M.Y', 1],
  ja: ['Y/M/D', 1], zh: ['Y/M/D', 1], sv: ['Y-M-D', 2], en: ['M/D/Y', 1],
};
// How a date with the month's name is put together: with its weekday, without.
const WORDS = {
  en: ['W, M D, Y', 'M D, Y', 'M Y', 'M D'], 'en-GB': ['W D M Y', 'D M Y', 'M Y', 'D M'],
  de: ['W, D. M Y', 'D. M Y', 'M Y', 'D. M'], fr: ['W D M Y', 'D M Y', 'M Y', 'D M'],
  es: ['W, D de M de Y', 'D de M de Y', 'M de Y', 'D de M'],
  pt: ['W, D de M de Y', 'D de M de Y', 'M de Y', 'D de M'],
  it: ['W D M Y', 'D M Y', 'M Y', 'D M'], nl: ['W D M Y', 'D M Y', 'M Y', 'D M'],
};
const GROUPING = {
  en: [',', '.'], de: ['.', ','], fr: ['\u202f', ','], es: ['.', ','], pt: ['.', ','], it: ['.', ','],
  nl: ['.', ','], id: ['.', ','], tr: ['.', ','], vi: ['.', ','], da: ['.', ','], ro: ['.', ','], el: ['.', ','],
  nb: ['\u00a0', ','], no: ['\u00a0', ','], fi: ['\u00a0', ','], cs: ['\u00a0', ','], hu: ['\u00a0', ','],
  uk: ['\u00a0', ','], sv: ['\u00a0', ','], ru: ['\u00a0', ','], pl: ['\u00a0', ','], 'de-CH': ['’', '.'],
};
const CURRENCY = {
  USD: '$', EUR: '€', GBP: '£', JPY: '¥', INR: '₹', BRL: 'R$', CNY: 'CN¥', KRW: '₩', ILS: '₪', VND: '₫',
  CAD: 'CA$', AUD: 'A$', MXN: 'MX$', NZD: 'NZ$', HKD: 'HK$', TWD: 'NT$', PHP: '₱', IDR: 'Rp', THB: '฿', TRY: '₺', UAH: '₴', NGN: '₦',
};
const localeOf = (asked) => String((Array.isArray(asked) ? asked[0] : asked) ?? 'en-US').replace('_', '-');
const pick = (table, locale) => table[locale] ?? table[locale.split('-')[0]] ?? table.en;
const two = (value) => String(value).padStart(2, '0');

kit.monthName = (moment, form = 'long') =>
  pick(form === 'long' ? MONTHS : SHORT_MONTHS, moment.locale).split(' ')[moment.month - 1];
kit.weekdayName = (moment, form = 'long') =>
  pick(form === 'long' ? DAYS : SHORT_DAYS, moment.locale).split(' ')[moment.weekday - 1];
kit.monthsOf = (locale) => [pick(MONTHS, locale).split(' '), pick(SHORT_MONTHS, locale).split(' ')];
const ZONES = {
  'America/New_York': ['Eastern', 'E'], 'America/Chicago': ['Central', 'C'],
  'America/Denver': ['Mountain', 'M'], 'America/Los_Angeles': ['Pacific', 'P'],
};
kit.zoneName = (moment, long) => {
  const { zone } = moment;
  if (zone === kit.utc || zone.name === 'UTC') return long ? 'Coordinated Universal Time' : 'UTC';
  const american = ZONES[zone.name], summer = zone.isSummer(moment.ts);
  if (american)
    return long ? `${american[0]} ${summer ? 'Daylight' : 'Standard'} Time` : `${american[1]}${summer ? 'D' : 'S'}T`;
  return `GMT${moment.offset ? kit.offsetText(moment.offset, 'narrow') : ''}`;
};

// --- dates -----------------------------------------------------------------------------------------

const DATE_STYLES = {
  full: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  long: { year: 'numeric', month: 'long', day: 'numeric' },
  medium: { year: 'numeric', month: 'short', day: 'numeric' },
  short: { year: '2-digit', month: 'numeric', day: 'numeric' },
};
const TIME_STYLES = {
  full: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'long' },
  long: { hour: 'numeric', minute: '2-digit', second: '2-digit', timeZoneName: 'short' },
  medium: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
  short: { hour: 'numeric', minute: '2-digit' },
};
const DATE_PARTS = ['weekday', 'year', 'month', 'day'];
const TIME_PARTS = ['hour', 'minute', 'second', 'fractionalSecondDigits'];
const figure = (value, form, width) => (form === '2-digit' || (form === 'numeric' && width === 2)
  ? two(value % 100 === value ? value : value % 100) : String(value));

function dateText(moment, options, locale) {
  const { weekday, year, month, day } = options;
  const names = {
    W: weekday && kit.weekdayName(moment, weekday), Y: year && (year === '2-digit' ? two(moment.year % 100) : String(moment.year)),
  };
  if (month && month !== 'numeric' && month !== '2-digit') {
    const [all, date, monthYear, dayMonth] = pick(WORDS, locale);
    const pattern = year && day ? (weekday ? all : date) : year ? monthYear : weekday ? all.replace(/,? (?:de )?Y/, '') : day ? dayMonth : 'M';
    const filled = { ...names, M: month === 'narrow' ? kit.monthName(moment, 'long')[0] : kit.monthName(moment, month), D: figure(moment.day, day) };
    return pattern.replace(/[WMDY]/g, (one) => filled[one] ?? '');
  }
  const [order, width] = pick(FIGURES, locale);
  const separator = order[1];
  const parts = {
    M: month && figure(moment.month, month, width), D: day && figure(moment.day, day, width), Y: names.Y,
  };
  const numbers = order.split(separator).map((one) => parts[one]).filter(Boolean).join(separator);
  return [names.W, numbers].filter(Boolean).join(', ');
}
function timeText(moment, options, locale) {
  const { hour, minute, second } = options;
  const cycle = options.hour12 ?? (options.hourCycle ? options.hourCycle.startsWith('h1') : pick({ en: true, 'en-GB': false, 'en-IE': false, de: false, fr: false, es: false, pt: false, it: false, nl: false, sv: false, ru: false, pl: false, ja: false, zh: false }, locale));
  const parts = [];
  if (hour) {
    const value = cycle ? (moment.hour % 12 || 12) : moment.hour;
    parts.push(hour === '2-digit' || !cycle ? two(value) : String(value));
  }
  if (minute) parts.push(hour || second ? two(moment.minute) : String(moment.minute));
  if (second) parts.push(minute ? two(moment.second) : String(moment.second));
  let text = parts.join(':');
  if (options.fractionalSecondDigits)
    text += `.${String(moment.millisecond).padStart(3, '0').slice(0, options.fractionalSecondDigits)}`;
  if (hour && cycle) text += pick({ en: moment.hour < 12 ? ' AM' : ' PM', 'en-GB': moment.hour < 12 ? ' am' : ' pm', 'en-AU': moment.hour < 12 ? ' am' : ' pm' }, locale);
  return text;
}
// `defaults`: what is shown where nothing is asked for.
kit.formatDate = (moment, asked, options = {}, defaults = [...DATE_PARTS.slice(1)]) => {
  const locale = localeOf(asked ?? moment.locale);
  if (options.timeZone) moment = moment.setZone(options.timeZone);
  if (!moment.isValid) return 'Invalid Date';
  moment = moment.setLocale(locale);
  let wanted = { ...options, ...DATE_STYLES[options.dateStyle], ...TIME_STYLES[options.timeStyle] };
  const anything = [...DATE_PARTS, ...TIME_PARTS].some((part) => wanted[part]);
  if (!anything) wanted = { ...wanted, ...Object.fromEntries(defaults.map((part) => [part, 'numeric'])) };
  const parts = [];
  if (DATE_PARTS.some((part) => wanted[part])) parts.push(dateText(moment, wanted, locale));
  if (TIME_PARTS.some((part) => wanted[part])) parts.push(timeText(moment, wanted, locale));
  const worded = ['full', 'long'].includes(options.dateStyle) && locale.startsWith('en');
  const spaced = ['sv', 'lt', 'ja', 'zh', 'fr'].includes(locale.split('-')[0]);
  const text = parts.join(worded ? ' at ' : spaced ? ' ' : ', ');
  return wanted.timeZoneName ? `${text} ${kit.zoneName(moment, wanted.timeZoneName === 'long')}` : text;
};

// --- numbers ---------------------------------------------------------------------------------------

kit.formatNumber = (value, asked, options = {}) => {
  const locale = localeOf(asked);
  if (Number.isNaN(value)) return 'NaN';
  const [group, point] = pick(GROUPING, locale);
  const { style = 'decimal', currency } = options;
  const whole = ['JPY', 'KRW', 'VND'].includes(currency) ? 0 : 2;
  const usual = style === 'currency' ? [whole, whole] : style === 'percent' ? [0, 0] : [0, 3];
  const least = options.minimumFractionDigits ?? Math.min(usual[0], options.maximumFractionDigits ?? 20);
  const most = options.maximumFractionDigits ?? Math.max(usual[1], least);
  let size = Math.abs(style === 'percent' ? value * 100 : value), suffix = '';
  if (options.notation === 'compact') {
    const step = Math.min(4, Math.floor(Math.log10(Math.max(1, size)) / 3));
    suffix = ['', 'K', 'M', 'B', 'T'][step];
    size /= 1000 ** step;
    size = size < 100 ? Number(size.toPrecision(2)) : Math.round(size);
  }
  if (!Number.isFinite(size)) return `${value < 0 ? '-' : ''}∞`;
  // Halves go up, also where their nearest binary number lies below.
  const rounded = Number(`${Math.round(Number(`${size}e${most}`))}e-${most}`);
  let [integer, fraction = ''] = (Number.isNaN(rounded) ? size : rounded).toFixed(most).split('.');
  while (fraction.length > least && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  if (options.minimumIntegerDigits) integer = integer.padStart(options.minimumIntegerDigits, '0');
  if (options.useGrouping !== false) {
    const early = ['es', 'pt-PT'].includes(locale.split('-')[0]) && integer.length < 5;
    if (locale === 'en-IN' || locale.startsWith('hi'))
      integer = integer.replace(/(\d)(?=(?:\d\d)+\d$)/g, `$1${group}`);
    else if (!early) integer = integer.replace(/\B(?=(\d{3})+$)/g, group);
  }
  const text = integer + (fraction ? point + fraction : '') + suffix;
  const minus = value < 0 && Number(text.replace(/\D/g, '')) !== 0 ? '-' : '';
  if (style === 'percent') return `${minus}${text}${locale.startsWith('en') ? '' : '\u00a0'}%`;
  if (style === 'currency') {
    const local = { 'en-CA': { CAD: '$' }, 'en-AU': { AUD: '$' }, 'en-NZ': { NZD: '$' } }[locale] ?? {};
    const sign = options.currencyDisplay === 'code' ? `${currency}\u00a0` : local[currency] ?? CURRENCY[currency] ?? `${currency}\u00a0`;
    return ['en', 'pt', 'id', 'ja', 'zh', 'ko'].includes(locale.split('-')[0])
      ? `${minus}${sign}${['pt', 'id'].includes(locale.split('-')[0]) ? '\u00a0' : ''}${text}` : `${minus}${text}\u00a0${sign.trim()}`;
  }
  return minus + text;
};

// --- of the language -------------------------------------------------------------------------------

const put = (to, name, value) =>
  Object.defineProperty(to, name, { value, writable: true, configurable: true, enumerable: false });
const momentOf = (date) => kit.DateTime.fromJSDate(date, { zone: kit.systemZone });
put(Number.prototype, 'toLocaleString', function toLocaleString(locale, options) {
  return kit.formatNumber(Number(this), locale, options);
});
const clock = ['hour', 'minute', 'second'];
for (const [name, defaults] of [
  ['toLocaleDateString', DATE_PARTS.slice(1)], ['toLocaleTimeString', clock],
  ['toLocaleString', [...DATE_PARTS.slice(1), ...clock]],
])
  put(Date.prototype, name, function told(locale, options) {
    const asked = { ...options };
    // What is asked of the other half is added to what the name stands for.
    const half = name === 'toLocaleDateString' ? DATE_PARTS : name === 'toLocaleTimeString' ? TIME_PARTS : null;
    if (half && !half.some((part) => asked[part]) && !asked.dateStyle && !asked.timeStyle)
      for (const part of defaults) asked[part] = 'numeric';
    return kit.formatDate(momentOf(this), locale, asked, defaults);
  });
class DateTimeFormat {
  constructor(locale, options = {}) { this.locale = locale; this.options = options; }
  format(date = new Date()) {
    return kit.formatDate(momentOf(date instanceof Date ? date : new Date(Number(date))), this.locale, this.options);
  }
  // Parts in figures; names and the rest of the text are literals between them.
  formatToParts(date = new Date()) {
    const moment = momentOf(date instanceof Date ? date : new Date(Number(date)));
    const here = (this.options.timeZone ? moment.setZone(this.options.timeZone) : moment).c;
    const asked = [...DATE_PARTS, ...clock].filter((part) => this.options[part]);
    return (asked.length ? asked : DATE_PARTS.slice(1)).map((type) => ({
      type,
      value: type === 'weekday' || (type === 'month' && !['numeric', '2-digit', undefined].includes(this.options.month))
        ? kit.formatDate(moment, this.locale, { [type]: this.options[type], timeZone: this.options.timeZone })
        : this.options[type] === '2-digit' || type === 'minute' || type === 'second' ? two(here[type] % 100) : String(here[type]),
    }));
  }
  resolvedOptions() { return { locale: localeOf(this.locale), timeZone: this.options.timeZone ?? kit.data?.timezone ?? 'UTC' }; }
}
class NumberFormat {
  constructor(locale, options) { this.locale = locale; this.options = options; }
  format(value) { return kit.formatNumber(Number(value), this.locale, this.options); }
}
const called = (made) => new Proxy(made, { apply: (target, _self, given) => new target(...given) });
put(globalThis, 'Intl', { DateTimeFormat: called(DateTimeFormat), NumberFormat: called(NumberFormat) });
}

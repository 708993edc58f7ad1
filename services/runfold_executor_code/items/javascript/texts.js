// The methods that n8n adds to texts.
(kit) => {
'use strict';
const { ExpressionError, tables: { texts, numeric } } = kit;
const fail = (message) => { throw new ExpressionError(message); };

const LABELS = String.raw`(?:[-\w]+\.)+(?:[a-zA-Z]{2,}|xn--[a-zA-Z0-9]+)`;
const HOST = String.raw`(?:${LABELS}|localhost|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})`;
const AFTER = String.raw`(?::\d+)?(?:\/[^\s?#]*)?(?:\?[^\s#]*)?(?:#\S*)?`;
const URL_IN = new RegExp(String.raw`(?:https?|ftp):\/\/${HOST}${AFTER}`, 'i');
const URL_ALONE = new RegExp(String.raw`^(?:https?|ftp):\/\/${HOST}${AFTER}$`, 'i');
const DOMAIN = new RegExp(`^${HOST}${AFTER}$`, 'i');
const DOMAIN_IN = new RegExp(
  String.raw`^(?:(?:https?|ftp):\/\/)?(?:mailto:)?(?:\/\/)?(?:[^\s@\/]+@)?(${HOST})${AFTER}$`, 'i');
const EMAIL = /[^\s"(),:;<>@[\\\]]+@((?:[a-z\d-]+\.)+[a-z]{2,}|\[\d{1,3}(?:\.\d{1,3}){3}\])/i;
const CURRENCIES = /Lek|\$b|[BR]?\$|C\$|J\$|RD\$|BZ\$|TT\$|\$U|KM|Kč|kr|Ft|Rp|RM|MT|Gs|Bs\.|B\/\.|S\/\.|zł|lei|CHF|NT\$|Z\$|Дин\.|лв|ден|[؋ƒ₼៛¥₡₱£€¢₹﷼₪₩₭₨₮฿₴₫₦PQLSR]/gu;
const SMALL = new Set(
  ('a an and as at because but by en for if in neither nor of on only or over per so some than ' +
   'that the to up upon v versus via vs when with without yet').split(' '));
const SPECIAL = {
  ß: 'ss', æ: 'ae', Æ: 'AE', ø: 'o', Ø: 'O', œ: 'oe', Œ: 'OE', ł: 'l', Ł: 'L', đ: 'd', Đ: 'D',
  ð: 'd', Ð: 'D', þ: 'th', Þ: 'TH', ı: 'i', '’': "'", '‘': "'", '“': '"', '”': '"', '–': '-', '—': '-',
  '…': '...', '€': 'EUR', '£': 'GBP',
};
// Marks of Markdown, and what is left of each.
const MARKDOWN = [
  [/^\s*(?:`{3}|~{3}).*\n?/gm, ''],                                     // fences of code
  [/`([^`]+)`/g, '$1'],
  [/<\/?[a-z][^>]*>/gi, ''],
  [/!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])/g, ''],                        // pictures
  [/\[\^[^\]]+\](?::.*)?/g, ''],                                        // footnotes
  [/^ {0,3}\[[^\]]+\]:.*$/gm, ''],                                      // where links lead
  [/\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1'],
  [/^ {0,3}(?:>\s?)+/gm, ''],
  [/^ {0,3}#{1,6}\s+(.*?)\s*#*$/gm, '$1'],
  [/^(?:=+|-{2,})\s*$/gm, ''],                                          // lines below headings
  [/^(\s*)(?:[*+-]|\d+[.)])\s+/gm, '$1'],
  [/~~/g, ''],
  [/(\*{1,3}|_{1,3})(\S(?:.*?\S)?)\1/g, '$2'],
  [/\n{3,}/g, '\n\n'],
];
const bytesOf = (text) => unescape(encodeURIComponent(text.toWellFormed()));
const textOf = (bytes) => {
  try { return decodeURIComponent(escape(bytes)); } catch { return bytes; }
};
const number = (value, made, what) => (Number.isNaN(made) ? fail(`'${value}' is not ${what}`) : made);
const bare = (value) => value.replace(CURRENCIES, '');

Object.assign(texts, {
  isEmpty: (value) => value === '',
  isNotEmpty: (value) => value !== '',
  isBlank: (value) => value.trim() === '',
  isNotBlank: (value) => value.trim() !== '',
  length: (value) => value.length,
  toJsonString: (value) => JSON.stringify(value),
  hash: (value, algorithm = 'md5') => {
    const name = String(algorithm).toLowerCase();
    if (name === 'base64') return texts.base64Encode(value);
    return kit.hash(name, value) ?? fail(`Unknown algorithm ${name}: use base64, ${kit.hashes.join(', ')}`);
  },
  base64Encode: (value) => btoa(bytesOf(value)),
  base64Decode: (value) => textOf(atob(value.replace(/-/g, '+').replace(/_/g, '/').replace(/[^\w+/]/g, ''))),
  urlEncode: (value, whole = false) => (whole ? encodeURI(value) : encodeURIComponent(value)),
  urlDecode(value, whole = false) {
    try {
      return whole ? decodeURI(value) : decodeURIComponent(value);
    } catch {
      return fail('the text is not URL-encoded');
    }
  },
  removeTags: (value) => value.replace(/<[^>]*>?/g, ''),
  removeMarkdown(value) {
    let text = value;
    for (const [mark, instead] of MARKDOWN) text = text.replace(mark, instead);
    return text;
  },
  toDate(value) {
    const date = new Date(Date.parse(value));
    if (Number.isNaN(+date)) fail(`cannot convert to date: '${value}'`);
    if (!value.includes(':')) date.setHours(0, 0, 0);
    return date;
  },
  toDateTime(value, format = '') {
    if (['ms', 's', 'us', 'excel'].includes(format)) return numeric.toDateTime(Number(value), format);
    const made = format ? kit.DateTime.fromFormat(value, format) : kit.readDateTime(value);
    return made ?? fail(`cannot convert to Luxon DateTime: '${value}'`);
  },
  toInt: (value, radix) => number(value, parseInt(bare(value), radix), 'an integer'),
  toFloat(value) {
    if (value.includes(',')) fail(`cannot convert '${value}' to a number: its decimal point must be .`);
    return number(value, parseFloat(bare(value)), 'a number');
  },
  toNumber: (value) => number(value, Number(bare(value)), 'a number'),
  toBoolean: (value) => value !== '' && !['false', 'no', '0'].includes(value.toLowerCase()),
  quote: (value, mark = '"') =>
    mark + value.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark,
  isNumeric: (value) => !value.includes(' ') && !Number.isNaN(Number(value)) && !Number.isNaN(parseFloat(value)),
  isUrl: (value) => URL_ALONE.test(value),
  isDomain: (value) => DOMAIN.test(value),
  isEmail: (value) => EMAIL.test(value) && !value.includes(' '),
  extractEmail: (value) => EMAIL.exec(value)?.[0],
  extractDomain: (value) =>
    (texts.isEmail(value) && !value.includes('://') ? EMAIL.exec(value)[1] : DOMAIN_IN.exec(value)?.[1]),
  extractUrl: (value) => URL_IN.exec(value)?.[0],
  extractUrlPath: (value) => {
    const found = /^[a-z][\w+.-]*:\/\/[^/?#\s]+(\/[^?#]*)?/i.exec(value);
    return found ? found[1] ?? '/' : undefined;
  },
  parseJson(value) {
    try {
      return JSON.parse(value);
    } catch {
      return fail(value.includes("'") ? "Parsing failed. Check you're using double quotes" : 'Parsing failed');
    }
  },
  toSentenceCase: (value) => value.toLowerCase().replace(
    /(^|[.!?])([^\p{L}.!?]*)(\p{L})/gu, (_all, mark, between, letter) => mark + between + letter.toUpperCase()),
  toSnakeCase: (value) => value.toLowerCase().replace(/[ -]/g, '_')
    .replace(/[\u2000-\u206f\u2e00-\u2e7f!-,./:-@[-^`{-~]/g, ''),
  toTitleCase: (value) => value.replace(/\S+/g, (word, at) => {
    const plain = word.toLowerCase();
    const edge = at === 0 || at + word.length === value.length;
    if (/[A-Z]/.test(word.slice(1)) || (/\S[.@]\S/.test(word))) return word;
    if (SMALL.has(plain) && !edge) return word;
    return word.replace(/\p{L}/u, (letter) => letter.toUpperCase());
  }),
  replaceSpecialChars: (value) => value.normalize('NFD').replace(/\p{M}/gu, '')
    .replace(/[^\x00-\x7f]/gu, (one) => SPECIAL[one] ?? '?'),
});
texts.toDecimalNumber = texts.toFloat;
texts.toWholeNumber = texts.toInt;
}

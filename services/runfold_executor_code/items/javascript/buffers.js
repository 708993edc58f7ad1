// Bytes and addresses as programs for Node write them: Buffer, URL, TextEncoder, TextDecoder.
(kit) => {
'use strict';
const give = (name, value) =>
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
const latin = (text) => Array.from(text, (one) => one.charCodeAt(0) & 255);
const utf8 = (text) => latin(unescape(encodeURIComponent(String(text).toWellFormed())));
const binary = (bytes) => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
};
function textOf(bytes) {
  try {
    return decodeURIComponent(escape(binary(bytes)));
  } catch {
    // What is no UTF-8 is shown as what it is not.
    let text = '';
    for (let at = 0; at < bytes.length;) {
      const one = bytes[at], size = one < 128 ? 1 : one >> 5 === 6 ? 2 : one >> 4 === 14 ? 3 : one >> 3 === 30 ? 4 : 0;
      try {
        if (!size || at + size > bytes.length) throw new Error();
        text += decodeURIComponent(escape(binary(bytes.subarray(at, at + size))));
        at += size;
      } catch {
        text += '\ufffd';
        at += 1;
      }
    }
    return text;
  }
}
const unbased = (text) => latin(atob(String(text).replace(/-/g, '+').replace(/_/g, '/').replace(/[^A-Za-z0-9+/]/g, '').replace(/^((?:.{4})*).$/, '$1')));

class Buffer extends Uint8Array {
  static from(value, encoding = 'utf8') {
    if (typeof value !== 'string') return new Buffer(value instanceof ArrayBuffer ? new Uint8Array(value) : value?.data ?? value);
    switch (String(encoding).toLowerCase()) {
      case 'base64': case 'base64url': return new Buffer(unbased(value));
      case 'hex': return new Buffer((value.match(/[0-9a-f]{2}/gi) ?? []).map((one) => parseInt(one, 16)));
      case 'latin1': case 'binary': case 'ascii': return new Buffer(latin(value));
      default: return new Buffer(utf8(value));
    }
  }
  static alloc(size, fill = 0) { return new Buffer(size).fill(fill); }
  static isBuffer(value) { return value instanceof Buffer; }
  static byteLength(value, encoding) { return typeof value === 'string' ? Buffer.from(value, encoding).length : value.byteLength; }
  static concat(list) { return new Buffer(list.flatMap((one) => [...one])); }
  toString(encoding = 'utf8', start = 0, end = this.length) {
    const bytes = this.subarray(start, end);
    switch (String(encoding).toLowerCase()) {
      case 'base64': return btoa(binary(bytes));
      case 'base64url': return btoa(binary(bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
      case 'hex': return Array.from(bytes, (one) => one.toString(16).padStart(2, '0')).join('');
      case 'latin1': case 'binary': return binary(bytes);
      case 'ascii': return binary(bytes.map((one) => one & 127));
      default: return textOf(bytes);
    }
  }
  equals(other) { return this.length === other.length && this.every((one, at) => one === other[at]); }
  toJSON() { return { type: 'Buffer', data: Array.from(this) }; }
}

const URL_TEXT = /^([a-z][\w+.-]*:)(?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^:/?#]*)(?::(\d+))?)?([^?#]*)(\?[^#]*)?(#.*)?$/i;
const PORTS = { 'http:': '80', 'https:': '443', 'ftp:': '21' };
class URL {
  constructor(text, base) {
    text = String(text).trim();
    if (!/^[a-z][\w+.-]*:/i.test(text)) {
      if (base === undefined) throw new TypeError(`Invalid URL: ${text}`);
      const above = new URL(base);
      if (text.startsWith('//')) text = above.protocol + text;
      else if (text.startsWith('/')) text = above.origin + text;
      else if (text.startsWith('?')) text = above.origin + above.pathname + text;
      else if (text.startsWith('#')) text = above.origin + above.pathname + above.search + text;
      else text = above.origin + above.pathname.replace(/[^/]*$/, '') + text;
    }
    const found = URL_TEXT.exec(text);
    const special = found && found[1].toLowerCase() in PORTS;
    if (!found || (special && !found[4])) throw new TypeError(`Invalid URL: ${text}`);
    this.protocol = found[1].toLowerCase();
    this.username = found[2] ?? '';
    this.password = found[3] ?? '';
    this.hostname = (found[4] ?? '').toLowerCase();
    this.port = found[5] === PORTS[this.protocol] ? '' : found[5] ?? '';
    const path = [];
    for (const part of (found[6] ?? '').split('/')) {
      if (part === '..') path.length > 1 && path.pop();
      else if (part !== '.') path.push(part);
    }
    this.pathname = encodeURI(decodeURI(path.join('/').replace(/%(?![0-9a-f]{2})/gi, '%25'))) || (special ? '/' : '');
    this.searchParams = new URLSearchParams(found[7] ?? '');
    this.plain = found[7] && found[7] !== '?' ? found[7].replace(/ /g, '%20') : '';
    this.known = this.searchParams.toString();
    this.hash = found[8] && found[8] !== '#' ? found[8] : '';
  }
  static canParse(text, base) {
    try { return Boolean(new URL(text, base)); } catch { return false; }
  }
  // As it was written, until its parameters are changed.
  get search() {
    const now = this.searchParams.toString();
    return now === this.known ? this.plain : now && `?${now}`;
  }
  set search(text) { this.searchParams = new URLSearchParams(text); this.known = ''; this.plain = ''; }
  get host() { return this.hostname + (this.port && `:${this.port}`); }
  get origin() { return this.protocol in PORTS ? `${this.protocol}//${this.host}` : 'null'; }
  get href() {
    const who = this.username ? `${this.username}${this.password && `:${this.password}`}@` : '';
    const place = this.hostname || this.protocol in PORTS ? `//${who}${this.host}` : '';
    return this.protocol + place + this.pathname + this.search + this.hash;
  }
  toString() { return this.href; }
  toJSON() { return this.href; }
}
class TextEncoder {
  encode(text = '') { return new Uint8Array(utf8(text)); }
}
class TextDecoder {
  decode(bytes = new Uint8Array()) { return textOf(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes).replace(/^\ufeff/, ''); }
}
for (const [name, value] of Object.entries({ Buffer, URL, TextEncoder, TextDecoder })) give(name, value);
kit.bytesOf = (value, encoding) => (typeof value === 'string' ? Buffer.from(value, encoding) : value);
}

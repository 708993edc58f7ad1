// Digests: MD5, SHA-1, SHA-2 and SHA-3, of UTF-8 text or of bytes; and what of Node's crypto rests on
// them.
(kit) => {
'use strict';
const bytesOf = (value) => (typeof value === 'string'
  ? Array.from(unescape(encodeURIComponent(value.toWellFormed())), (one) => one.charCodeAt(0)) : Array.from(value));
const rotate = (value, by) => (value << by) | (value >>> (32 - by));
const hex = (bytes) => bytes.map((one) => one.toString(16).padStart(2, '0')).join('');
// The message, a 1, zeros, and its length in bits in the last `width` bytes of a block.
function padded(bytes, block, width, little) {
  const made = [...bytes, 0x80];
  while (made.length % block !== block - width) made.push(0);
  const length = [];
  for (let at = 0, bits = bytes.length * 8; at < width; at++) {
    length.push(bits % 256);
    bits = Math.floor(bits / 256);
  }
  return made.concat(little ? length : length.reverse());
}
const word = (bytes, at) => (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
const big = (words) => words.flatMap((one) => [one >>> 24, (one >>> 16) & 255, (one >>> 8) & 255, one & 255]);

function md5(bytes) {
  const shifts = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
  let [a0, b0, c0, d0] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  const text = padded(bytes, 64, 8, true);
  for (let start = 0; start < text.length; start += 64) {
    let [a, b, c, d] = [a0, b0, c0, d0];
    for (let at = 0; at < 64; at++) {
      const round = at >> 4;
      const [mixed, place] = round === 0 ? [(b & c) | (~b & d), at]
        : round === 1 ? [(d & b) | (~d & c), (5 * at + 1) % 16]
          : round === 2 ? [b ^ c ^ d, (3 * at + 5) % 16] : [c ^ (b | ~d), (7 * at) % 16];
      const from = start + place * 4;
      const part = text[from] | (text[from + 1] << 8) | (text[from + 2] << 16) | (text[from + 3] << 24);
      const constant = Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32) | 0;
      const turned = rotate((a + mixed + constant + part) | 0, shifts[round][at % 4]);
      [a, d, c, b] = [d, c, b, (b + turned) | 0];
    }
    [a0, b0, c0, d0] = [(a0 + a) | 0, (b0 + b) | 0, (c0 + c) | 0, (d0 + d) | 0];
  }
  return [a0, b0, c0, d0].flatMap((one) => [one & 255, (one >>> 8) & 255, (one >>> 16) & 255, one >>> 24]);
}

function sha1(bytes) {
  const state = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  const text = padded(bytes, 64, 8), words = [];
  for (let start = 0; start < text.length; start += 64) {
    for (let at = 0; at < 80; at++)
      words[at] = at < 16 ? word(text, start + at * 4)
        : rotate(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 1);
    let [a, b, c, d, e] = state;
    for (let at = 0; at < 80; at++) {
      const [mixed, constant] = at < 20 ? [(b & c) | (~b & d), 0x5a827999]
        : at < 40 ? [b ^ c ^ d, 0x6ed9eba1]
          : at < 60 ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc] : [b ^ c ^ d, 0xca62c1d6];
      const next = (rotate(a, 5) + mixed + e + constant + words[at]) | 0;
      [e, d, c, b, a] = [d, c, rotate(b, 30), a, next];
    }
    [a, b, c, d, e].forEach((one, at) => { state[at] = (state[at] + one) | 0; });
  }
  return big(state);
}

// Constants of SHA-2: fractions of roots of the first primes, in as many bits as are asked for.
const primes = [];
for (let one = 2; primes.length < 80; one++)
  if (primes.every((prime) => one % prime)) primes.push(one);
function fraction(prime, root, bits) {
  const wide = BigInt(prime) << BigInt(root * bits);
  let low = 0n, high = 1n << BigInt(bits + 8);
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** BigInt(root) <= wide) low = middle; else high = middle - 1n;
  }
  return low & ((1n << BigInt(bits)) - 1n);
}
const table = (count, root, bits, skip = 0) => primes.slice(skip, skip + count).map((prime) => fraction(prime, root, bits));

let K32;
function sha256(bytes, start = table(8, 2, 32), length = 32) {
  K32 ??= table(64, 3, 32).map((one) => Number(one) | 0);
  const state = start.map((one) => Number(one) | 0), text = padded(bytes, 64, 8), words = [];
  const turn = (value, ...by) => by.reduce((sum, one) => sum ^ rotate(value, 32 - one), 0);
  for (let from = 0; from < text.length; from += 64) {
    for (let at = 0; at < 64; at++)
      words[at] = at < 16 ? word(text, from + at * 4)
        : (words[at - 16] + (turn(words[at - 15], 7, 18) ^ (words[at - 15] >>> 3)) + words[at - 7]
          + (turn(words[at - 2], 17, 19) ^ (words[at - 2] >>> 10))) | 0;
    let [a, b, c, d, e, f, g, h] = state;
    for (let at = 0; at < 64; at++) {
      const one = (h + turn(e, 6, 11, 25) + ((e & f) ^ (~e & g)) + K32[at] + words[at]) | 0;
      const two = (turn(a, 2, 13, 22) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, at) => { state[at] = (state[at] + value) | 0; });
  }
  return big(state).slice(0, length);
}

const MASK = (1n << 64n) - 1n;
const turned = (value, by) => ((value >> BigInt(by)) | (value << BigInt(64 - by))) & MASK;
const bytes64 = (words) => words.flatMap((one) => Array.from({ length: 8 }, (_, at) => Number((one >> BigInt(56 - at * 8)) & 255n)));
let K64;
function sha512(bytes, start = table(8, 2, 64), length = 64) {
  K64 ??= table(80, 3, 64);
  const state = [...start], text = padded(bytes, 128, 16), words = [];
  const turn = (value, ...by) => by.reduce((sum, one) => sum ^ turned(value, one), 0n);
  const wide = (at) => (BigInt(word(text, at) >>> 0) << 32n) | BigInt(word(text, at + 4) >>> 0);
  for (let from = 0; from < text.length; from += 128) {
    for (let at = 0; at < 80; at++)
      words[at] = at < 16 ? wide(from + at * 8)
        : (words[at - 16] + (turn(words[at - 15], 1, 8) ^ (words[at - 15] >> 7n)) + words[at - 7]
          + (turn(words[at - 2], 19, 61) ^ (words[at - 2] >> 6n))) & MASK;
    let [a, b, c, d, e, f, g, h] = state;
    for (let at = 0; at < 80; at++) {
      const one = (h + turn(e, 14, 18, 41) + ((e & f) ^ (~e & MASK & g)) + K64[at] + words[at]) & MASK;
      const two = (turn(a, 28, 34, 39) + ((a & b) ^ (a & c) ^ (b & c))) & MASK;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) & MASK, c, b, a, (one + two) & MASK];
    }
    [a, b, c, d, e, f, g, h].forEach((value, at) => { state[at] = (state[at] + value) & MASK; });
  }
  return bytes64(state).slice(0, length);
}

function sha3(bytes, length) {
  const rate = 200 - 2 * length, text = [...bytes, 6];
  while (text.length % rate) text.push(0);
  text[text.length - 1] |= 0x80;
  const lanes = new Array(25).fill(0n);
  for (let from = 0; from < text.length; from += rate) {
    for (let at = 0; at < rate; at++)
      lanes[at >> 3] ^= BigInt(text[from + at]) << BigInt((at % 8) * 8);
    let noise = 1;
    for (let round = 0; round < 24; round++) {
      const columns = [0, 1, 2, 3, 4].map((x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]);
      for (let at = 0; at < 25; at++)
        lanes[at] ^= columns[(at + 4) % 5] ^ turned(columns[(at % 5 + 1) % 5], 63);
      let [x, y, held] = [1, 0, lanes[1]];
      for (let step = 0; step < 24; step++) {
        [x, y] = [y, (2 * x + 3 * y) % 5];
        const place = x + 5 * y, by = ((step + 1) * (step + 2) / 2) % 64;
        [held, lanes[place]] = [lanes[place], by ? turned(held, 64 - by) : held];
      }
      for (let row = 0; row < 25; row += 5) {
        const old = lanes.slice(row, row + 5);
        for (let at = 0; at < 5; at++) lanes[row + at] = old[at] ^ (~old[(at + 1) % 5] & MASK & old[(at + 2) % 5]);
      }
      for (let bit = 0; bit < 7; bit++) {
        if (noise & 1) lanes[0] ^= 1n << BigInt(2 ** bit - 1);
        noise = noise & 0x80 ? ((noise << 1) ^ 0x171) : noise << 1;
      }
    }
  }
  return Array.from({ length }, (_, at) => Number((lanes[at >> 3] >> BigInt((at % 8) * 8)) & 255n));
}

const START_224 = [0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4];
const HASHES = {
  md5: [md5, 64], sha1: [sha1, 64], sha224: [(bytes) => sha256(bytes, START_224, 28), 64],
  sha256: [(bytes) => sha256(bytes), 64], sha384: [(bytes) => sha512(bytes, table(8, 2, 64, 8), 48), 128],
  sha512: [(bytes) => sha512(bytes), 128], sha3: [(bytes) => sha3(bytes, 64), 72],
  'sha3-256': [(bytes) => sha3(bytes, 32), 136], 'sha3-512': [(bytes) => sha3(bytes, 64), 72],
};
kit.hashes = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3'];
const named = (name) => HASHES[String(name).toLowerCase().replace(/^sha-(?=\d)/, 'sha')];
kit.hash = (name, text) => (named(name) ? hex(named(name)[0](bytesOf(text))) : undefined);

function finished(bytes, encoding) {
  if (encoding === 'hex') return hex(bytes);
  const base64 = btoa(String.fromCharCode(...bytes));
  if (encoding === 'base64') return base64;
  if (encoding === 'base64url') return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  return globalThis.Buffer ? globalThis.Buffer.from(bytes) : new Uint8Array(bytes);
}
class Digest {
  constructor(made, before = []) { this.made = made; this.bytes = before; }
  update(more, encoding) {
    this.bytes = this.bytes.concat(bytesOf(encoding && kit.bytesOf ? kit.bytesOf(more, encoding) : more));
    return this;
  }
  digest(encoding) { return finished(this.made(this.bytes), encoding); }
}
function digestOf(name) {
  const found = named(name);
  if (!found) throw new Error(`Digest method not supported: ${name}`);
  return found;
}
const random = (size) => Array.from({ length: size }, () => Math.floor(Math.random() * 256));
kit.crypto = {
  createHash: (name) => new Digest(digestOf(name)[0]),
  createHmac(name, key) {
    const [made, block] = digestOf(name);
    let secret = bytesOf(key);
    if (secret.length > block) secret = made(secret);
    while (secret.length < block) secret.push(0);
    const inner = new Digest(made, secret.map((one) => one ^ 0x36));
    inner.made = (bytes) => made(secret.map((one) => one ^ 0x5c).concat(made(bytes)));
    return inner;
  },
  randomUUID() {
    const bytes = random(16);
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  },
  randomBytes: (size) => finished(random(size)),
  randomInt: (low, high) => (high === undefined ? Math.floor(Math.random() * low) : low + Math.floor(Math.random() * (high - low))),
};
}

// The order of texts as people sort them: letters first by what they are, then by accent, then by case.
(kit) => {
'use strict';
const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const order = (one, other) => (one < other ? -1 : one > other ? 1 : 0);
const pieces = (text) => text.match(/\d+|\D+/g) ?? [];
function numbered(one, other) {
  const [left, right] = [pieces(one), pieces(other)];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const both = /^\d/.test(left[at]) && /^\d/.test(right[at]);
    const found = both ? order(Number(left[at]), Number(right[at])) : order(left[at], right[at]);
    if (found) return found;
  }
  return order(left.length, right.length);
}
kit.compareTexts = (one, other, { numeric = false, sensitivity = 'variant' } = {}) => {
  const compare = numeric ? numbered : order;
  const letters = compare(plain(one), plain(other));
  if (letters || sensitivity === 'base') return letters;
  const accents = order(one.toLowerCase().normalize('NFD'), other.toLowerCase().normalize('NFD'));
  if (accents || sensitivity === 'accent') return accents;
  // Small letters come before capitals.
  return order(other.normalize('NFD'), one.normalize('NFD'));
};
Object.defineProperty(String.prototype, 'localeCompare', {
  value(other, _locale, options) { return kit.compareTexts(String(this), String(other), options); },
  writable: true, configurable: true,
});
}

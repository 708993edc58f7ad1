// Time zones: offsets in minutes east of UTC, from tables that the service hands in.
(kit) => {
'use strict';
const zones = () => kit.data?.zones ?? {};

class Fixed {
  constructor(minutes) { this.minutes = minutes; }
  get name() { return this.minutes === 0 ? 'UTC' : `UTC${kit.offsetText(this.minutes, 'narrow')}`; }
  get isValid() { return true; }
  offset() { return this.minutes; }
  isSummer() { return false; }
}
class Named {
  constructor(name, table) { this.name = name; this.table = table; }
  get isValid() { return true; }
  row(millis) {
    const { table } = this;
    let low = 0, high = table.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (table[middle][0] <= millis) low = middle; else high = middle - 1;
    }
    return table[low];
  }
  offset(millis) { return this.row(millis)[1]; }
  isSummer(millis) { return Boolean(this.row(millis)[2]); }
}
// That of the machine, which JavaScript's own dates have.
class System {
  get name() { return 'system'; }
  get isValid() { return true; }
  offset(millis) { return -new Date(millis).getTimezoneOffset(); }
  isSummer() { return false; }
}
class Unknown {
  constructor(name) { this.name = name; }
  get isValid() { return false; }
  offset() { return NaN; }
  isSummer() { return false; }
}

// `+05:30`, `+5:30` (narrow) or `+0530` (techie).
kit.offsetText = (minutes, form = 'short') => {
  const sign = minutes < 0 ? '-' : '+', size = Math.abs(minutes);
  const hours = Math.trunc(size / 60), rest = size % 60;
  const two = (value) => String(value).padStart(2, '0');
  if (form === 'narrow') return `${sign}${hours}${rest ? `:${two(rest)}` : ''}`;
  return `${sign}${two(hours)}${form === 'techie' ? '' : ':'}${two(rest)}`;
};
const UTC = new Fixed(0);
kit.utc = UTC;
kit.systemZone = new System();
kit.fixedZone = (minutes) => new Fixed(minutes);
kit.localZone = () => kit.zoneOf(kit.data?.timezone ?? 'UTC', UTC);
kit.zoneOf = (asked, otherwise = kit.localZone()) => {
  if (asked === undefined || asked === null) return otherwise;
  if (typeof asked === 'object' && typeof asked.offset === 'function') return asked;
  if (typeof asked === 'number') return new Fixed(asked);
  const name = String(asked);
  switch (name.toLowerCase()) {
    case 'local': case 'system': case 'default': return kit.localZone();
    case 'utc': case 'gmt': case 'etc/utc': case 'z': return UTC;
  }
  const fixed = /^(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(name);
  if (fixed) {
    const minutes = Number(fixed[2]) * 60 + Number(fixed[3] ?? 0);
    return new Fixed(fixed[1] === '-' ? -minutes : minutes);
  }
  const table = Object.hasOwn(zones(), name) ? zones()[name] : undefined;
  return table?.length ? new Named(name, table) : new Unknown(name);
};
}

/** Numbers, times and sizes as people read them, in the language of the page. */

import { language } from "./language";

const cached = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

function kept<T extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  name: string,
  make: (locale: string) => T,
): T {
  const locale = language() === "zh" ? "zh-CN" : "en-GB";
  const key = `${locale} ${name}`;
  const found = cached.get(key) ?? make(locale);
  cached.set(key, found);
  return found as T;
}

export function count(value: number): string {
  return kept("count", (locale) => new Intl.NumberFormat(locale)).format(value);
}

/** Money of a run: four digits that say something. */
export function cost(value: number): string {
  return `$${value === 0 ? "0" : value.toPrecision(3)}`;
}

/** @param seconds Unix seconds. */
export function dateTime(seconds: number): string {
  return kept(
    "dateTime",
    (locale) => new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }),
  ).format(seconds * 1000);
}

/**
 * A time as the clock of a time zone shows it, with its offset. Where the browser does not know the
 * zone, its own clock is shown: the offset says so.
 *
 * @param seconds Unix seconds.
 */
export function dateTimeIn(seconds: number, timeZone: string): string {
  const format = (zone: Intl.DateTimeFormatOptions) =>
    kept(
      `dateTimeIn ${zone.timeZone ?? ""}`,
      (locale) =>
        new Intl.DateTimeFormat(locale, {
          weekday: "short",
          year: "numeric",
          month: "short",
          day: "numeric",
          hour: "2-digit",
          minute: "2-digit",
          second: "2-digit",
          hourCycle: "h23",
          timeZoneName: "shortOffset",
          ...zone,
        }),
    ).format(seconds * 1000);
  try {
    return format({ timeZone });
  } catch {
    return format({});
  }
}

/** @param seconds Unix seconds. */
export function clock(seconds: number): string {
  return kept(
    "clock",
    (locale) =>
      new Intl.DateTimeFormat(locale, {
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
        fractionalSecondDigits: 2,
        hour12: false,
      }),
  ).format(seconds * 1000);
}

/** @param seconds Unix seconds. */
export function ago(seconds: number, now = Date.now() / 1000): string {
  const format = kept("ago", (locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
  const past = seconds - now;
  const size = Math.abs(past);
  if (size < 60) return format.format(Math.round(past), "second");
  if (size < 3600) return format.format(Math.round(past / 60), "minute");
  if (size < 86_400) return format.format(Math.round(past / 3600), "hour");
  return format.format(Math.round(past / 86_400), "day");
}

export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function bytes(size: number): string {
  if (size < 1024) return `${size} B`;
  if (size < 1024 ** 2) return `${(size / 1024).toFixed(1)} KiB`;
  if (size < 1024 ** 3) return `${(size / 1024 ** 2).toFixed(1)} MiB`;
  return `${(size / 1024 ** 3).toFixed(1)} GiB`;
}

import { r as language } from "./language-Xe_YX1Uf.js";
// src/i18n/numbers.ts
/** Numbers, times and sizes as people read them, in the language of the page. */
var cached = /* @__PURE__ */ new Map();
function kept(name, make) {
	const locale = language() === "zh" ? "zh-CN" : "en-GB";
	const key = `${locale} ${name}`;
	const found = cached.get(key) ?? make(locale);
	cached.set(key, found);
	return found;
}
function count(value) {
	return kept("count", (locale) => new Intl.NumberFormat(locale)).format(value);
}
/** Money of a run: four digits that say something. */
function cost(value) {
	return `$${value === 0 ? "0" : value.toPrecision(3)}`;
}
/** @param seconds Unix seconds. */
function dateTime(seconds) {
	return kept("dateTime", (locale) => new Intl.DateTimeFormat(locale, {
		dateStyle: "medium",
		timeStyle: "medium"
	})).format(seconds * 1e3);
}
/** @param seconds Unix seconds. */
function clock(seconds) {
	return kept("clock", (locale) => new Intl.DateTimeFormat(locale, {
		hour: "2-digit",
		minute: "2-digit",
		second: "2-digit",
		fractionalSecondDigits: 2,
		hour12: false
	})).format(seconds * 1e3);
}
/** @param seconds Unix seconds. */
function ago(seconds, now = Date.now() / 1e3) {
	const format = kept("ago", (locale) => new Intl.RelativeTimeFormat(locale, { numeric: "auto" }));
	const past = seconds - now;
	const size = Math.abs(past);
	if (size < 60) return format.format(Math.round(past), "second");
	if (size < 3600) return format.format(Math.round(past / 60), "minute");
	if (size < 86400) return format.format(Math.round(past / 3600), "hour");
	return format.format(Math.round(past / 86400), "day");
}
function duration(seconds) {
	if (seconds < 1) return `${Math.round(seconds * 1e3)} ms`;
	if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
	const hours = Math.floor(minutes / 60);
	return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
function bytes(size) {
	if (size < 1024) return `${size} B`;
	if (size < 1024 ** 2) return `${(size / 1024).toFixed(1)} KiB`;
	if (size < 1024 ** 3) return `${(size / 1024 ** 2).toFixed(1)} MiB`;
	return `${(size / 1024 ** 3).toFixed(1)} GiB`;
}
export { count as a, cost as i, bytes as n, dateTime as o, clock as r, duration as s, ago as t };

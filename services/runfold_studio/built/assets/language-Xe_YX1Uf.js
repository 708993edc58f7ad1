import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react } from "./jsx-runtime-CgfO9KJ9.js";
// src/api/kept.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** @param storage Reading `localStorage` is what is refused: it is asked for each time. */
function kept(storage) {
	const here = /* @__PURE__ */ new Map();
	return {
		get(name) {
			try {
				return storage().getItem(name);
			} catch {
				return here.get(name) ?? null;
			}
		},
		set(name, value) {
			try {
				storage().setItem(name, value);
			} catch {
				here.set(name, value);
			}
		}
	};
}
/** Until somebody clears it. */
var forGood = kept(() => localStorage);
/** Until this tab is closed. */
var forTab = kept(() => sessionStorage);
// src/i18n/language.ts
/** The language of the page: chosen, else the browser's. Texts stand beside what shows them. */
var LANGUAGES = {
	en: "English",
	zh: "简体中文"
};
var NAME = "runfold.language";
var listeners = /* @__PURE__ */ new Set();
function initial() {
	const chosen = forGood.get(NAME);
	if (chosen && chosen in LANGUAGES) return chosen;
	return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}
var current = initial();
document.documentElement.lang = current === "zh" ? "zh-CN" : "en";
function language() {
	return current;
}
function setLanguage(next) {
	current = next;
	forGood.set(NAME, next);
	document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
	for (const listener of listeners) listener();
}
function subscribe(listener) {
	listeners.add(listener);
	return () => listeners.delete(listener);
}
function useLanguage() {
	return (0, import_react.useSyncExternalStore)(subscribe, language);
}
function defineTexts(en, zh) {
	return {
		en,
		zh
	};
}
function useTexts(texts) {
	return texts[useLanguage()];
}
/** Texts outside of components, in the language of now. */
function texts(all) {
	return all[current];
}
export { texts as a, forGood as c, setLanguage as i, forTab as l, defineTexts as n, useLanguage as o, language as r, useTexts as s, LANGUAGES as t };

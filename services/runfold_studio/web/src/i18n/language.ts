/** The language of the page: chosen, else the browser's. Texts stand beside what shows them. */

import { useSyncExternalStore } from "react";
import { forGood } from "@/api/kept";

export const LANGUAGES = { en: "English", zh: "简体中文" } as const;
export type Language = keyof typeof LANGUAGES;

const NAME = "runfold.language";
const listeners = new Set<() => void>();

function initial(): Language {
  const chosen = forGood.get(NAME);
  if (chosen && chosen in LANGUAGES) return chosen as Language;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

let current: Language = initial();
document.documentElement.lang = current === "zh" ? "zh-CN" : "en";

export function language(): Language {
  return current;
}

export function setLanguage(next: Language): void {
  current = next;
  forGood.set(NAME, next);
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, language);
}

type Text = string | ((...values: never[]) => string);
/** Texts of one part of the studio in all languages; the compiler holds their names together. */
export type Texts<T extends Record<string, Text>> = Record<Language, T>;

export function defineTexts<const T extends Record<string, Text>>(
  en: T,
  zh: { [K in keyof T]: T[K] extends string ? string : T[K] },
): Texts<{ [K in keyof T]: T[K] extends string ? string : T[K] }> {
  return { en, zh } as Texts<{ [K in keyof T]: T[K] extends string ? string : T[K] }>;
}

export function useTexts<T extends Record<string, Text>>(texts: Texts<T>): T {
  return texts[useLanguage()];
}

/** Texts outside of components, in the language of now. */
export function texts<T extends Record<string, Text>>(all: Texts<T>): T {
  return all[current];
}

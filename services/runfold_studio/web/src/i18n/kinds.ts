/**
 * What kinds and ready workflows say of themselves, in the language of the page. The API says it in
 * English; what runfold itself has is here in Chinese, by the sentence. What others wrote stays as it is.
 */

import { useCallback, useEffect, useSyncExternalStore } from "react";
import { useLanguage } from "./language";

type Sentences = ReadonlyMap<string, string>;
const NONE: Sentences = new Map();

let chinese: Sentences | null = null;
let loading = false;
const listeners = new Set<() => void>();

async function load(): Promise<void> {
  if (loading) return;
  loading = true;
  try {
    const { default: sentences } = await import("./kinds.zh.json");
    chinese = new Map(Object.entries(sentences));
    for (const listener of listeners) listener();
  } catch {
    // The gateway is away: it is English until another part of the page asks again.
    loading = false;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Gives a sentence of the API as the page says it. */
export function useSaid(): (sentence: string) => string {
  const isChinese = useLanguage() === "zh";
  const known = useSyncExternalStore(subscribe, () => chinese) ?? NONE;
  useEffect(() => {
    if (isChinese) void load();
  }, [isChinese]);
  return useCallback(
    (sentence) => (isChinese && known.get(sentence)) || sentence,
    [isChinese, known],
  );
}

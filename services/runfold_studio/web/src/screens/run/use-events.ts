/** Has events at hand that are to be shown, once somebody has come to rest at them. */

import { useEffect } from "react";
import type { RunData } from "@/run/store";

/** Milliseconds: who pulls a slider along passes over many events and looks at none. */
const REST = 60;

/** @param places Numbers of events, from 0; the same array while they are the same. */
export function useEvents({ fetch }: RunData, places: readonly number[]): void {
  useEffect(() => {
    if (places.length === 0) return;
    const timer = setTimeout(() => fetch(places), REST);
    return () => clearTimeout(timer);
  }, [fetch, places]);
}

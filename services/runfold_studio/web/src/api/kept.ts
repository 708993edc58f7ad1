/** What this browser keeps for the page; where it refuses to, as in a frame of another site, the page itself does. */

export interface Kept {
  get(name: string): string | null;
  set(name: string, value: string): void;
}

/** @param storage Reading `localStorage` is what is refused: it is asked for each time. */
function kept(storage: () => Storage): Kept {
  const here = new Map<string, string>();
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
    },
  };
}

/** Until somebody clears it. */
export const forGood = kept(() => localStorage);
/** Until this tab is closed. */
export const forTab = kept(() => sessionStorage);

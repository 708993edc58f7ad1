/**
 * What this browser keeps for the page; where it refuses to, the page itself does: in a frame of another
 * site, or when there is too much of it.
 */

export interface Kept {
  get(name: string): string | null;
  set(name: string, value: string): void;
}

/** @param storage Reading `localStorage` is what is refused: it is asked for each time. */
function kept(storage: () => Storage): Kept {
  const here = new Map<string, string>();
  return {
    get(name) {
      const refused = here.get(name);
      if (refused !== undefined) return refused;
      try {
        return storage().getItem(name);
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        storage().setItem(name, value);
        here.delete(name);
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

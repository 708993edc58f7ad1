/**
 * A map that can be kept as it is at some moment for the price of a short list, while it goes on.
 *
 * Entries stand in pieces, and pieces in groups, that are shared by all who keep one, and copied
 * when one of them writes.
 */

const BITS = 6;
const SIZE = 1 << BITS;
const REST = SIZE - 1;

/** Places of keys, shared by a table and all that were kept of it. A key keeps its place for good. */
class Keys {
  readonly places = new Map<string, number>();
  readonly names: string[] = [];

  of(key: string): number {
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.names.length;
      this.places.set(key, place);
      this.names.push(key);
    }
    return place;
  }
}

/** Items that only their owner writes to. */
interface Owned<T> {
  readonly owner: object;
  readonly items: (T | undefined)[];
}

/** Entries whose keys were first written one after the other. */
export interface Piece<T> {
  /** Place of the first of them. */
  readonly first: number;
  readonly items: readonly (T | undefined)[];
  /** Whether these items never change any more. */
  readonly isFrozen: boolean;
}

export class Table<T> {
  #keys = new Keys();
  #groups: Owned<Owned<T>>[] = [];
  #owner = {};

  get(key: string): T | undefined {
    const place = this.#keys.places.get(key);
    if (place === undefined) return undefined;
    const piece = this.#groups[place >> (2 * BITS)]?.items[(place >> BITS) & REST];
    return piece?.items[place & REST];
  }

  set(key: string, value: T | undefined): void {
    const place = this.#keys.of(key);
    const group = this.#own(this.#groups, place >> (2 * BITS));
    const piece = this.#own(group.items, (place >> BITS) & REST);
    piece.items[place & REST] = value;
  }

  /** What stands at a place, as our own to write to. */
  #own<U>(all: (Owned<U> | undefined)[], at: number): Owned<U> {
    const found = all[at];
    if (found?.owner === this.#owner) return found;
    const made = { owner: this.#owner, items: found?.items.slice() ?? [] };
    // Groups before it may have no key that was ever written.
    while (all.length < at) all.push(undefined);
    all[at] = made;
    return made;
  }

  /** This table as it is now; both may be written to, and neither sees it of the other. */
  kept(): Table<T> {
    const copy = new Table<T>();
    copy.#keys = this.#keys;
    copy.#groups = this.#groups.slice();
    this.#owner = {};
    return copy;
  }

  /** The place of a key, which may have no value. */
  placeOf(key: string): number {
    return this.#keys.of(key);
  }

  keyAt(place: number): string {
    return this.#keys.names[place] ?? "";
  }

  /** Entries in the order in which their keys were first written, a piece at a time. */
  *pieces(): Generator<Piece<T>> {
    for (const [high, group] of this.#groups.entries())
      for (const [low, piece] of (group?.items ?? []).entries())
        if (piece)
          yield {
            first: ((high << BITS) | low) << BITS,
            items: piece.items,
            isFrozen: piece.owner !== this.#owner,
          };
  }

  /** Entries in the order in which their keys were first written. */
  *entries(): Generator<[string, T]> {
    for (const { first, items } of this.pieces())
      for (let at = 0; at < items.length; at += 1) {
        const value = items[at];
        if (value !== undefined) yield [this.keyAt(first + at), value];
      }
  }
}

/**
 * A map that can be kept as it is at some moment for the price of a short list, while it goes on.
 *
 * Entries stand in pieces that are shared by all who keep one, and copied when one of them writes.
 */

const PIECE = 64;

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

export class Table<T> {
  #keys: Keys;
  #pieces: (T | undefined)[][];
  #own: boolean[];

  constructor() {
    this.#keys = new Keys();
    this.#pieces = [];
    this.#own = [];
  }

  get(key: string): T | undefined {
    const place = this.#keys.places.get(key);
    return place === undefined
      ? undefined
      : this.#pieces[Math.floor(place / PIECE)]?.[place % PIECE];
  }

  set(key: string, value: T | undefined): void {
    const place = this.#keys.of(key);
    const at = Math.floor(place / PIECE);
    let piece = this.#pieces[at];
    if (piece === undefined || !this.#own[at]) {
      piece = piece === undefined ? [] : piece.slice();
      this.#pieces[at] = piece;
      this.#own[at] = true;
    }
    piece[place % PIECE] = value;
  }

  /** This table as it is now; both may be written to, and neither sees it of the other. */
  kept(): Table<T> {
    const copy = new Table<T>();
    copy.#keys = this.#keys;
    copy.#pieces = this.#pieces.slice();
    this.#own = [];
    return copy;
  }

  /** Entries in the order in which their keys were first written. */
  *entries(): Generator<[string, T]> {
    for (let at = 0; at < this.#pieces.length; at += 1) {
      const piece = this.#pieces[at] ?? [];
      for (let place = 0; place < piece.length; place += 1) {
        const value = piece[place];
        if (value !== undefined) yield [this.#keys.names[at * PIECE + place] as string, value];
      }
    }
  }
}

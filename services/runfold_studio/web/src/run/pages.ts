/**
 * The whole events of a log, page by page: the newest ones and those that were looked at last are
 * at hand, and the others are read again when they are needed. No state and no fold.
 */

import type { LogEvent } from "./events";

/** Events of a page. */
export const PAGE = 1_000;
/** Characters of JSON of the pages that stay at hand. */
export const MOST = 4_000_000;
/** Pages that stay at hand, however large they are. */
const LEAST = 6;

/** Reads events again: so many after a sequence. */
export type Read = (after: number, count: number) => Promise<LogEvent[]>;

interface Page {
  events: LogEvent[] | null;
  length: number;
  readonly first: number;
  /** Sequence of its last event. */
  last: number;
  /** Characters of JSON. */
  size: number;
  /** When it was looked at last, by a count of looks. */
  used: number;
}

export class Pages {
  #pages: Page[] = [];
  #looks = 0;
  #size = 0;
  #coming = new Map<number, Promise<void>>();

  /**
   * @param read Null: nothing can be read again, and all events stay at hand.
   * @param dropped Is told the number of a page that is not at hand any more.
   */
  constructor(
    readonly read: Read | null,
    readonly dropped: (page: number) => void = () => {},
  ) {}

  add(event: LogEvent, size: number): void {
    let page = this.#pages.at(-1);
    if (!page || page.length === PAGE) {
      page = { events: [], length: 0, first: event.seq, last: 0, size: 0, used: 0 };
      this.#pages.push(page);
      this.#trim();
    }
    // The last page is always at hand.
    page.events?.push(event);
    page.length += 1;
    page.last = event.seq;
    page.size += size;
    page.used = ++this.#looks;
    this.#size += size;
  }

  /** An event by its number, from 0; undefined where its page is not at hand. */
  at(place: number): LogEvent | undefined {
    return this.events(Math.floor(place / PAGE))?.[place % PAGE];
  }

  /** The events of a page; null where they are not at hand. */
  events(number: number): readonly LogEvent[] | null {
    const page = this.#pages[number];
    if (!page?.events) return null;
    page.used = ++this.#looks;
    return page.events;
  }

  has(number: number): boolean {
    return this.#pages[number]?.events !== null;
  }

  /**
   * Have a page at hand.
   *
   * @throws What the reading threw, and LogChanged.
   */
  async load(number: number): Promise<void> {
    const page = this.#pages[number];
    if (!page || page.events) return;
    let coming = this.#coming.get(number);
    if (!coming) {
      coming = this.#reread(number).then((events) => {
        page.events = events;
        page.used = ++this.#looks;
        this.#size += page.size;
        this.#trim();
      });
      this.#coming.set(number, coming);
    }
    try {
      await coming;
    } finally {
      this.#coming.delete(number);
    }
  }

  async #reread(number: number): Promise<LogEvent[]> {
    const page = this.#pages[number] as Page;
    const after = this.#pages[number - 1]?.last ?? 0;
    const events = (await this.read?.(after, page.length)) ?? [];
    const isSame =
      events.length === page.length &&
      events[0]?.seq === page.first &&
      events.at(-1)?.seq === page.last;
    if (!isSame) throw new LogChanged(page.first, page.last);
    return events;
  }

  /** All events, a page at a time; those that are not at hand are read and not kept. */
  async *whole(): AsyncGenerator<readonly LogEvent[]> {
    for (const [number, page] of this.#pages.entries())
      yield page.events ?? (await this.#reread(number));
  }

  /** Let pages go that were not looked at for the longest time. */
  #trim(): void {
    if (!this.read) return;
    while (this.#size > MOST) {
      const held = [...this.#pages.entries()].filter(([, page]) => page.events);
      if (held.length <= LEAST) return;
      // The last page grows yet, and is the one that was used last or the one after it.
      const [number, page] = held
        .slice(0, -1)
        .reduce((least, one) => (one[1].used < least[1].used ? one : least));
      page.events = null;
      this.#size -= page.size;
      this.dropped(number);
    }
  }
}

/** Events that were read again are not those that there were. */
export class LogChanged extends Error {
  constructor(first: number, last: number) {
    super(`The events ${first} to ${last} of the log are not there any more as they were`);
  }
}

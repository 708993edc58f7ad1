/** Saves what changes, one save at a time, a moment after the last change; a conflict stops it. */

import { ApiProblem } from "@/api/client";

export type Saving =
  | { state: "saved"; at: number | null }
  | { state: "waiting" | "saving" }
  | { state: "failed"; problem: unknown }
  | { state: "conflict"; problem: ApiProblem };

export interface SaverGiven<T> {
  /** Store it where the tag is what is there; gives the new tag. */
  put: (value: T, etag: string) => Promise<string>;
  tell: (saving: Saving) => void;
  now?: () => number;
  /** Milliseconds after the last change. */
  pause?: number;
}

const PAUSE = 600;
const FIRST_DELAY = 1_000;
const LONGEST_DELAY = 30_000;

export class Saver<T> {
  #saved: T;
  #etag: string;
  #wanted: T;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | null = null;
  #stopped = false;
  #delay = FIRST_DELAY;

  constructor(
    private readonly given: SaverGiven<T>,
    saved: T,
    etag: string,
  ) {
    this.#saved = saved;
    this.#wanted = saved;
    this.#etag = etag;
  }

  /** What is stored, as far as this saver knows. */
  get saved(): T {
    return this.#saved;
  }

  get etag(): string {
    return this.#etag;
  }

  get isDirty(): boolean {
    return this.#wanted !== this.#saved;
  }

  change(value: T): void {
    this.#wanted = value;
    if (this.#stopped || this.#running) return;
    clearTimeout(this.#timer);
    if (!this.isDirty) {
      this.given.tell({ state: "saved", at: null });
      return;
    }
    this.given.tell({ state: "waiting" });
    this.#timer = setTimeout(() => void this.flush(), this.given.pause ?? PAUSE);
  }

  /** Save what is not saved yet, now. True when all of it is. */
  async flush(): Promise<boolean> {
    clearTimeout(this.#timer);
    while (this.isDirty && !this.#stopped) {
      this.#running ??= this.#save().finally(() => {
        this.#running = null;
      });
      const before = this.#saved;
      await this.#running;
      if (this.#saved === before) break;
    }
    return !this.isDirty && !this.#stopped;
  }

  /** Go on after a conflict, or after something else stored it: this is what is there now. */
  adopt(saved: T, etag: string, wanted: T): void {
    this.#saved = saved;
    this.#etag = etag;
    this.#stopped = false;
    this.change(wanted);
  }

  /** End without saving anything more. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#stopped = true;
  }

  async #save(): Promise<void> {
    const value = this.#wanted;
    this.given.tell({ state: "saving" });
    try {
      this.#etag = await this.given.put(value, this.#etag);
      this.#saved = value;
      this.#delay = FIRST_DELAY;
      if (this.isDirty) this.given.tell({ state: "waiting" });
      else this.given.tell({ state: "saved", at: (this.given.now ?? Date.now)() });
    } catch (problem) {
      this.#failed(problem);
    }
  }

  #failed(problem: unknown): void {
    if (problem instanceof ApiProblem && problem.status === 412) {
      this.#stopped = true;
      this.given.tell({ state: "conflict", problem });
      return;
    }
    this.given.tell({ state: "failed", problem });
    // What was refused is refused again; a lost connection may come back.
    if (problem instanceof ApiProblem && problem.status < 500) return;
    this.#timer = setTimeout(() => void this.flush(), this.#delay);
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
  }
}

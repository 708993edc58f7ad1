/** The draft as its author wrote it: text, what it says, and edits of it that keep the rest of the text. */

import {
  addItem,
  CannotEdit,
  removeItems,
  removeValue,
  renameKey,
  type Source,
  setValue,
  unaliased,
} from "./source/edit";
import {
  isProblem,
  offsetOf,
  type Parsed,
  type Path,
  type ReadingProblem,
  read,
} from "./source/parse";
import type { Look } from "./source/spell";
import { styleOf } from "./source/style";
import { type Splice, spliced } from "./source/text";
import { isSame, valueAt, withoutValue, withValue } from "./source/values";

export { CannotEdit, type Path };

/** One text, read. It never changes: an edit gives another one. */
export class SourceDocument {
  readonly #read: Parsed | ReadingProblem;

  private constructor(
    readonly text: string,
    readonly json: boolean,
  ) {
    this.#read = read(text);
  }

  /** @param json whether the text is to stay JSON; else as it looks. */
  static of(text: string, json = looksLikeJson(text)): SourceDocument {
    return new SourceDocument(text, json);
  }

  /** Why the text cannot be read; null when it can. */
  get problem(): ReadingProblem | null {
    return isProblem(this.#read) ? this.#read : null;
  }

  /** What the text says; undefined when it cannot be read. */
  get value(): unknown {
    return isProblem(this.#read) ? undefined : this.#read.value;
  }

  at(path: Path): unknown {
    return valueAt(this.value, path);
  }

  set(path: Path, value: unknown, look: Look = {}): SourceDocument {
    return this.#edited((source) => setValue(source, path, value, look), this.#with(path, value));
  }

  /** Set several values at once; none of them stands in another. */
  setAll(changes: readonly { path: Path; value: unknown }[]): SourceDocument {
    const asked = changes.reduce(
      (whole, { path, value }) => withValue(whole, path, value),
      this.value,
    );
    return this.#edited(
      (source) => changes.flatMap(({ path, value }) => setValue(source, path, value)),
      asked,
    );
  }

  remove(path: Path): SourceDocument {
    return this.#edited((source) => removeValue(source, path), withoutValue(this.value, path));
  }

  /** Remove several items of a list. */
  removeItems(path: Path, indices: readonly number[]): SourceDocument {
    if (indices.length === 0) return this;
    const list = this.at(path);
    const left = Array.isArray(list) ? list.filter((_, index) => !indices.includes(index)) : list;
    return this.#edited((source) => removeItems(source, path, indices), this.#with(path, left));
  }

  /** Put an item behind the last of a list, which is made when there is none. */
  add(path: Path, value: unknown, look: Look = {}): SourceDocument {
    const list = this.at(path);
    const made = Array.isArray(list) ? [...list, value] : [value];
    return this.#edited((source) => addItem(source, path, value, look), this.#with(path, made));
  }

  renameKey(path: Path, name: string): SourceDocument {
    return this.#edited((source) => renameKey(source, path, name));
  }

  #with(path: Path, value: unknown): unknown {
    return withValue(this.value, path, value);
  }

  /** Where something stands, as a character; the nearest of its path that there is. */
  offsetOf(path: Path): number {
    return isProblem(this.#read) ? this.#read.at : offsetOf(this.#read.document, path);
  }

  /** Make an edit and look at what came of it: all else must say the same as before. */
  #edited(make: (source: Source) => Splice[], asked?: unknown): SourceDocument {
    if (isProblem(this.#read)) throw new CannotEdit(this.#read.message);
    const made = this.#tried(make, asked);
    if (made) return made;
    // What an anchor marks, others show too: they get what they show as their own, then it can change.
    const apart = this.#tried(unaliased);
    const again = apart && apart.text !== this.text ? apart.#tried(make, asked) : null;
    if (again === null) throw new CannotEdit("the text cannot be edited in this place");
    return again;
  }

  /** The document after an edit; null when it says something else than was asked for. */
  #tried(make: (source: Source) => Splice[], asked?: unknown): SourceDocument | null {
    if (isProblem(this.#read)) return null;
    let text: string;
    try {
      text = spliced(this.text, make(this.#source(this.#read)));
    } catch (error) {
      if (error instanceof RangeError || error instanceof CannotEdit) return null;
      throw error;
    }
    const made = new SourceDocument(text, this.json);
    return made.problem || (asked !== undefined && !isSame(asked, made.value)) ? null : made;
  }

  #source(parsed: Parsed): Source {
    return { text: this.text, document: parsed.document, style: styleOf(this.text, this.json) };
  }
}

function looksLikeJson(text: string): boolean {
  if (!/^\ufeff?\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text.replace(/^\ufeff/, ""));
    return true;
  } catch {
    return false;
  }
}

/**
 * What is known of every event of a log, however long: sequence, time, type and node.
 *
 * Columns of numbers, 21 bytes an event. Whole events are in `pages.ts`, and not all of them.
 */

/** Events of one block of columns. */
const BLOCK = 4_096;

class Block {
  readonly seqs = new Float64Array(BLOCK);
  readonly times = new Float64Array(BLOCK);
  readonly types = new Uint8Array(BLOCK);
  readonly nodes = new Int32Array(BLOCK);
}

export class LogIndex {
  #blocks: Block[] = [];
  #types: string[] = [];
  #places = new Map<string, number>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param node A number of the node that the event is about; -1 for one of the run. */
  add(event: { seq: number; time: number; type: string }, node: number): void {
    const at = this.#length % BLOCK;
    if (at === 0) this.#blocks.push(new Block());
    const block = this.#blocks.at(-1) as Block;
    block.seqs[at] = event.seq;
    block.times[at] = event.time;
    block.types[at] = this.#placeOf(event.type);
    block.nodes[at] = node;
    this.#length += 1;
  }

  #placeOf(type: string): number {
    let place = this.#places.get(type);
    if (place === undefined) {
      place = this.#types.length;
      this.#types.push(type);
      this.#places.set(type, place);
    }
    return place;
  }

  #block(place: number): Block | undefined {
    return place < this.#length ? this.#blocks[Math.floor(place / BLOCK)] : undefined;
  }

  /** 0 where there is no such event. */
  seq(place: number): number {
    return this.#block(place)?.seqs[place % BLOCK] ?? 0;
  }

  time(place: number): number {
    return this.#block(place)?.times[place % BLOCK] ?? 0;
  }

  type(place: number): string {
    return this.#types[this.#block(place)?.types[place % BLOCK] ?? -1] ?? "";
  }

  node(place: number): number {
    return this.#block(place)?.nodes[place % BLOCK] ?? -1;
  }

  /** How many events there are up to a sequence. */
  countUpTo(seq: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.seq(middle) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Text of nodes and answers as it was written, piece by piece, with the time of each piece. */

import { addressOf } from "./addresses";
import type { AnswerChunk, Chunk } from "./events";

export interface Stream {
  readonly address: string;
  readonly attempt: number;
  /** Of which output; of an answer `answer`. */
  readonly name: string;
  readonly kind: "text" | "reasoning";
  readonly text: string;
  readonly final: boolean;
}

interface Growing extends Stream {
  /** Times of the pieces, and how long the text was after each. */
  readonly times: number[];
  readonly lengths: number[];
}

export class Streamed {
  #streams = new Map<string, Growing>();
  #newest = new Map<string, number>();

  /** Take a piece; one that was taken before changes nothing. */
  add(chunk: Chunk): void {
    const address = addressOf(chunk.scope ?? "", chunk.node_id);
    const attempt = chunk.attempt ?? 1;
    const place = `${address} ${attempt}`;
    if (chunk.index <= (this.#newest.get(place) ?? -1)) return;
    this.#newest.set(place, chunk.index);
    if (chunk.kind === "variable") return;
    const kind = chunk.kind ?? "text";
    const name = chunk.name ?? "output";
    const text = chunk.text ?? "";
    if (text || chunk.final)
      this.#append(`${place} ${kind} ${name}`, { address, attempt, name, kind }, text, chunk.time, {
        final: chunk.final ?? false,
      });
  }

  /** A piece of an answer, which may replace all that was sent of it before. */
  addAnswer(chunk: AnswerChunk, time: number): void {
    const address = addressOf(chunk.scope ?? "", chunk.node_id);
    const kind = chunk.kind ?? "text";
    const key = `${address} answer ${kind}`;
    if (chunk.replace) this.#streams.delete(key);
    const about = { address, attempt: 1, name: "answer", kind } as const;
    this.#append(key, about, chunk.text, time, { final: false });
  }

  #append(
    key: string,
    about: Pick<Stream, "address" | "attempt" | "name" | "kind">,
    piece: string,
    time: number,
    { final }: { final: boolean },
  ): void {
    const before = this.#streams.get(key);
    const times = before?.times ?? [];
    const lengths = before?.lengths ?? [];
    const text = (before?.text ?? "") + piece;
    times.push(time);
    lengths.push(text.length);
    this.#streams.set(key, {
      ...about,
      text,
      final: final || (before?.final ?? false),
      times,
      lengths,
    });
  }

  get size(): number {
    return this.#streams.size;
  }

  /** All streams, those that began first first; as they were at a time, where one is given. */
  all(until = Number.POSITIVE_INFINITY): Stream[] {
    const found: Stream[] = [];
    for (const stream of this.#streams.values()) {
      const shown = cut(stream, until);
      if (shown) found.push(shown);
    }
    return found;
  }

  /** Text of one attempt of a node. */
  of(address: string, attempt: number, until = Number.POSITIVE_INFINITY): Stream | null {
    for (const kind of ["text", "reasoning"] as const) {
      const stream = this.#streams.get(`${address} ${attempt} ${kind} output`);
      const shown = stream && cut(stream, until);
      if (shown) return shown;
    }
    const answer = this.#streams.get(`${address} answer text`);
    return answer ? cut(answer, until) : null;
  }
}

function cut(stream: Growing, until: number): Stream | null {
  const { times, lengths } = stream;
  if ((times[0] ?? 0) > until) return null;
  if ((times.at(-1) ?? 0) <= until) return stream;
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) <= until) low = middle + 1;
    else high = middle;
  }
  return { ...stream, text: stream.text.slice(0, lengths[low - 1]), final: false };
}

/** Server-sent events read from pieces of text, as the HTML standard has them. No I/O here. */

export interface Frame {
  id: string;
  event: string;
  data: string;
}

/** Reads frames; a frame, a line or its end may be cut anywhere between two pieces. */
export class FrameReader {
  #rest = "";
  #id = "";
  /** The id as it was when the last frame was whole. */
  #place = "";
  #event = "";
  #data: string[] = [];

  /** The place that was named last, also by a frame that holds nothing else. */
  get lastId(): string {
    return this.#place;
  }

  /** The frames that this piece completes. */
  read(piece: string): Frame[] {
    const text = this.#rest + piece;
    // A carriage return at the end may be half of a line end.
    const whole = text.endsWith("\r") ? text.length - 1 : text.length;
    const lines = text.slice(0, whole).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? "") + text.slice(whole);
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line: string): Frame[] {
    if (line === "") return this.#end();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return [];
  }

  #end(): Frame[] {
    const data = this.#data;
    const event = this.#event || "message";
    this.#data = [];
    this.#event = "";
    this.#place = this.#id;
    return data.length === 0 ? [] : [{ id: this.#id, event, data: data.join("\n") }];
  }
}

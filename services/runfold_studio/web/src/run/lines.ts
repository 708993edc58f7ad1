/** A log as JSON lines: from the gateway, or from a file that `runfold events` wrote. */

import type { LogEvent } from "./events";

/** A line that is not an event. */
export class LineProblem extends Error {
  constructor(
    readonly line: number,
    readonly reason: "json" | "event",
    message: string,
  ) {
    super(message);
  }
}

/**
 * The events of a log in the order of their sequences.
 *
 * @throws LineProblem with the number of the line that is not an event.
 */
export function eventsOf(text: string): LogEvent[] {
  const events: LogEvent[] = [];
  for (const [place, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    events.push(eventOf(line, place + 1));
  }
  const isInOrder = events.every(
    (one, place) => place === 0 || (events[place - 1]?.seq ?? 0) < one.seq,
  );
  return isInOrder ? events : events.sort((a, b) => a.seq - b.seq);
}

function eventOf(line: string, number: number): LogEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new LineProblem(number, "json", (error as Error).message);
  }
  const event = (value ?? {}) as Partial<LogEvent>;
  if (
    typeof event.type !== "string" ||
    typeof event.seq !== "number" ||
    typeof event.time !== "number"
  )
    throw new LineProblem(number, "event", "type, seq, time");
  return event as LogEvent;
}

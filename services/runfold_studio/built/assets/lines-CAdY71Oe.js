// src/run/lines.ts
/** A line that is not an event. */
var LineProblem = class extends Error {
	line;
	reason;
	constructor(line, reason, message) {
		super(message);
		this.line = line;
		this.reason = reason;
	}
};
/**
* The events of a log in the order of their sequences.
*
* @throws LineProblem with the number of the line that is not an event.
*/
function eventsOf(text) {
	const events = [];
	for (const [place, line] of text.split("\n").entries()) {
		if (line.trim() === "") continue;
		events.push(eventOf(line, place + 1));
	}
	return events.every((one, place) => place === 0 || (events[place - 1]?.seq ?? 0) < one.seq) ? events : events.sort((a, b) => a.seq - b.seq);
}
function eventOf(line, number) {
	let value;
	try {
		value = JSON.parse(line);
	} catch (error) {
		throw new LineProblem(number, "json", error.message);
	}
	const event = value ?? {};
	if (typeof event.type !== "string" || typeof event.seq !== "number" || typeof event.time !== "number") throw new LineProblem(number, "event", "type, seq, time");
	return event;
}
export { eventsOf as n, LineProblem as t };

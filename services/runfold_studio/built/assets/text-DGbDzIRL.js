// src/graph/source/text.ts
/** The text with all splices made; they are counted in the text before any of them.
*
* @throws RangeError when two of them overlap.
*/
function spliced(text, splices) {
	const sorted = [...splices].sort((a, b) => a.from - b.from || a.to - b.to);
	let made = "";
	let at = 0;
	for (const { from, to, insert } of sorted) {
		if (from < at || to < from || to > text.length) throw new RangeError("splices overlap");
		made += text.slice(at, from) + insert;
		at = to;
	}
	return made + text.slice(at);
}
/** The smallest single splice that makes one text of another. */
function difference(before, after) {
	const shorter = Math.min(before.length, after.length);
	let start = 0;
	while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start += 1;
	let end = 0;
	while (end < shorter - start && before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)) end += 1;
	return {
		from: start,
		to: before.length - end,
		insert: after.slice(start, after.length - end)
	};
}
/** What takes a splice of this text back. */
function inverse(before, splice) {
	return {
		from: splice.from,
		to: splice.from + splice.insert.length,
		insert: before.slice(splice.from, splice.to)
	};
}
/** The number of the first character of the line that a place is in. */
function lineStart(text, at) {
	return text.lastIndexOf("\n", at - 1) + 1;
}
/** The place of the line's end: of its line feed, or of the carriage return before it, or the text's end. */
function lineEnd(text, at) {
	const feed = text.indexOf("\n", at);
	if (feed < 0) return text.length;
	return feed > at && text[feed - 1] === "\r" ? feed - 1 : feed;
}
/** What ends the lines of a text. */
function newline(text) {
	return /\r\n/.test(text) ? "\r\n" : "\n";
}
export { newline as a, lineStart as i, inverse as n, spliced as o, lineEnd as r, difference as t };

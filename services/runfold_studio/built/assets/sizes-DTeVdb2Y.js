import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react } from "./jsx-runtime-CgfO9KJ9.js";
// src/graph/ranks.ts
function ranksOf(nodes, edges) {
	const targets = new Map(nodes.map((node) => [node.address, []]));
	const arriving = new Map(nodes.map((node) => [node.address, 0]));
	const closing = closingEdges(nodes, edges);
	for (const edge of edges) {
		const after = targets.get(edge.source);
		if (!after || !arriving.has(edge.target) || edge.source === edge.target || closing.has(edge)) continue;
		after.push(edge.target);
		arriving.set(edge.target, (arriving.get(edge.target) ?? 0) + 1);
	}
	const ranks = /* @__PURE__ */ new Map();
	const ready = nodes.map((node) => node.address).filter((address) => arriving.get(address) === 0);
	for (const address of ready) ranks.set(address, 0);
	for (let index = 0; index < ready.length; index += 1) {
		const address = ready[index] ?? "";
		const next = (ranks.get(address) ?? 0) + 1;
		for (const target of targets.get(address) ?? []) {
			ranks.set(target, Math.max(ranks.get(target) ?? 0, next));
			const left = (arriving.get(target) ?? 0) - 1;
			arriving.set(target, left);
			if (left === 0) ready.push(target);
		}
	}
	return ranks;
}
/** Edges back to a node that the search is still inside of; without recursion, since flows may be long. */
function closingEdges(nodes, edges) {
	const leaving = /* @__PURE__ */ new Map();
	for (const edge of edges) {
		const others = leaving.get(edge.source);
		if (others) others.push(edge);
		else leaving.set(edge.source, [edge]);
	}
	const state = /* @__PURE__ */ new Map();
	const closing = /* @__PURE__ */ new Set();
	for (const root of nodes) {
		if (state.has(root.address)) continue;
		state.set(root.address, "open");
		const stack = [{
			address: root.address,
			next: 0
		}];
		for (let top = stack.at(-1); top; top = stack.at(-1)) {
			const edge = leaving.get(top.address)?.[top.next];
			top.next += 1;
			if (!edge) {
				state.set(top.address, "done");
				stack.pop();
			} else if (state.get(edge.target) === "open") closing.add(edge);
			else if (!state.has(edge.target)) {
				state.set(edge.target, "open");
				stack.push({
					address: edge.target,
					next: 0
				});
			}
		}
	}
	return closing;
}
// src/graph/layers.ts
var BETWEEN_RANKS = 60;
var BETWEEN_BOXES = 28;
var BETWEEN_LINES = 14;
var SWEEPS = 6;
var ALIGNMENTS = 8;
function layered(nodes, edges, sizes, direction) {
	const ranks = ranksOf(nodes, edges);
	const items = /* @__PURE__ */ new Map();
	for (const node of nodes) {
		const size = sizes.get(node.address) ?? {
			width: 0,
			height: 0
		};
		const [along, across] = direction === "right" ? [size.width, size.height] : [size.height, size.width];
		items.set(node.address, {
			rank: ranks.get(node.address) ?? 0,
			along,
			across,
			at: 0,
			node
		});
	}
	const deepest = Math.max(-1, ...[...items.values()].map((item) => item.rank));
	const rows = Array.from({ length: deepest + 1 }, () => []);
	for (const item of items.values()) rows[item.rank]?.push(item);
	const lines = [];
	const paths = /* @__PURE__ */ new Map();
	for (const edge of edges) {
		const path = passage(edge, items, rows, lines);
		if (path) paths.set(edge.id, path);
	}
	const neighbours = neighboursOf(lines);
	order(rows, neighbours);
	align(rows, neighbours);
	return places(rows, paths, direction);
}
/** The items that a line passes between its ends, made where it spans several ranks. */
function passage(edge, items, rows, lines) {
	const source = items.get(edge.source);
	const target = items.get(edge.target);
	if (!source || !target || source === target || target.rank === source.rank) return null;
	const [low, high] = source.rank < target.rank ? [source, target] : [target, source];
	const ports = source.node?.ports ?? [];
	const index = Math.max(0, ports.indexOf(edge.port));
	const port = low === source && ports.length > 1 ? (index + .5) / ports.length - .5 : 0;
	const passed = [];
	let last = low;
	for (let rank = low.rank + 1; rank < high.rank; rank += 1) {
		const item = {
			rank,
			along: 0,
			across: 0,
			at: 0,
			node: null
		};
		rows[rank]?.push(item);
		lines.push({
			from: last,
			to: item,
			port: last === low ? port : 0
		});
		passed.push(item);
		last = item;
	}
	lines.push({
		from: last,
		to: high,
		port: last === low ? port : 0
	});
	return low === source ? passed : passed.reverse();
}
function neighboursOf(lines) {
	const found = {
		before: /* @__PURE__ */ new Map(),
		after: /* @__PURE__ */ new Map()
	};
	for (const line of lines) {
		const after = found.after.get(line.from);
		if (after) after.push(line);
		else found.after.set(line.from, [line]);
		const before = found.before.get(line.to);
		if (before) before.push(line);
		else found.before.set(line.to, [line]);
	}
	return found;
}
/** Sort each rank by where its neighbours are, forwards and backwards in turn. */
function order(rows, neighbours) {
	const number = (row) => {
		for (const [index, item] of row.entries()) item.at = index;
	};
	rows.forEach(number);
	for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
		const forwards = sweep % 2 === 0;
		const sweepRows = forwards ? rows : [...rows].reverse();
		for (const row of sweepRows) {
			const wanted = new Map(row.map((item) => [item, wantedIndex(item, neighbours, forwards)]));
			row.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || a.at - b.at);
			number(row);
		}
	}
}
function wantedIndex(item, neighbours, forwards) {
	const lines = (forwards ? neighbours.before : neighbours.after).get(item) ?? [];
	if (lines.length === 0) return item.at;
	return lines.reduce((total, line) => total + (forwards ? line.from.at + line.port : line.to.at), 0) / lines.length;
}
/** Move the items of each rank towards their neighbours, as far as its order and gaps allow. */
function align(rows, neighbours) {
	for (const row of rows) settle(row, row.map(() => 0));
	for (let pass = 0; pass < ALIGNMENTS; pass += 1) {
		const forwards = pass % 2 === 0;
		for (const row of forwards ? rows : [...rows].reverse()) {
			const lines = row.map((item) => [...(neighbours.before.get(item) ?? []).map((line) => line.from.at + line.port * line.from.across), ...(neighbours.after.get(item) ?? []).map((line) => line.to.at - line.port * item.across)]);
			settle(row, row.map((item, index) => average(lines[index] ?? [], item.at)));
		}
	}
}
function average(values, otherwise) {
	return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : otherwise;
}
/** The places nearest to those wanted (least squares) that keep the order and the gaps. */
function settle(row, wanted) {
	const offsets = [];
	let offset = 0;
	for (const [index, item] of row.entries()) {
		const above = row[index - 1];
		if (above) offset += (above.across + item.across) / 2 + gap(above, item);
		offsets.push(offset);
	}
	const blocks = [];
	for (const [index, want] of wanted.entries()) {
		let block = {
			sum: want - (offsets[index] ?? 0),
			count: 1
		};
		for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count; last = blocks.at(-1)) {
			blocks.pop();
			block = {
				sum: last.sum + block.sum,
				count: last.count + block.count
			};
		}
		blocks.push(block);
	}
	let index = 0;
	for (const block of blocks) for (let one = 0; one < block.count; one += 1, index += 1) {
		const item = row[index];
		if (item) item.at = block.sum / block.count + (offsets[index] ?? 0);
	}
}
function gap(above, below) {
	return above.node && below.node ? BETWEEN_BOXES : BETWEEN_LINES;
}
/** Corners of boxes and bends of lines, the smallest at nought. */
function places(rows, paths, direction) {
	const all = rows.flat();
	const top = all.reduce((least, item) => Math.min(least, item.at - item.across / 2), Number.POSITIVE_INFINITY);
	const starts = [];
	const ends = [];
	let along = 0;
	for (const row of rows) {
		starts.push(along);
		ends.push(along + row.reduce((most, item) => Math.max(most, item.along), 0));
		along = (ends.at(-1) ?? 0) + BETWEEN_RANKS;
	}
	const point = (a, c) => {
		const [x, y] = direction === "right" ? [a, c] : [c, a];
		return {
			x: Math.round(x),
			y: Math.round(y)
		};
	};
	const found = {
		places: /* @__PURE__ */ new Map(),
		bends: /* @__PURE__ */ new Map(),
		size: {
			width: 0,
			height: 0
		}
	};
	let across = 0;
	for (const item of all) {
		const corner = item.at - item.across / 2 - top;
		across = Math.max(across, corner + item.across);
		if (item.node) found.places.set(item.node.address, point(starts[item.rank] ?? 0, corner));
	}
	for (const [edge, path] of paths) {
		const bends = path.flatMap((item) => {
			const forth = [starts[item.rank] ?? 0, ends[item.rank] ?? 0].map((a) => point(a, item.at - top));
			return (path[0]?.rank ?? 0) <= (path.at(-1)?.rank ?? 0) ? forth : forth.reverse();
		});
		if (bends.length) found.bends.set(edge, bends);
	}
	const length = Math.max(0, along - BETWEEN_RANKS);
	found.size = direction === "right" ? {
		width: length,
		height: Math.ceil(across)
	} : {
		width: Math.ceil(across),
		height: length
	};
	return found;
}
// src/graph/layout.ts
/** Space around the bodies of a composite; the top has its title. */
var FRAME = {
	side: 20,
	top: 48,
	bottom: 20,
	between: 34
};
/** Room that a body without nodes is given. */
var EMPTY_BODY = {
	width: 200,
	height: 60
};
function layout(graph, sizeOf, direction = "right") {
	const found = {
		boxes: /* @__PURE__ */ new Map(),
		bends: /* @__PURE__ */ new Map()
	};
	const inside = groupBy(graph.nodes, (node) => groupOf(node.parent, node.body));
	const groupByAddress = new Map(graph.nodes.map((node) => [node.address, groupOf(node.parent, node.body)]));
	const edges = groupBy(graph.edges, (edge) => groupByAddress.get(edge.source) ?? "");
	const place = (parent, body) => {
		const group = groupOf(parent, body);
		const nodes = inside.get(group) ?? [];
		const sizes = new Map(nodes.map((node) => [node.address, node.bodies.length ? frame(node) : sizeOf(node)]));
		const at = layered(nodes, edges.get(group) ?? [], sizes, direction);
		for (const node of nodes) {
			const size = sizes.get(node.address) ?? EMPTY_BODY;
			found.boxes.set(node.address, {
				...at.places.get(node.address) ?? {
					x: 0,
					y: 0
				},
				...size
			});
		}
		for (const [edge, points] of at.bends) found.bends.set(edge, points);
		return nodes.length ? {
			...at.size,
			at
		} : {
			...EMPTY_BODY,
			at
		};
	};
	const frame = (node) => {
		let top = FRAME.top;
		let width = sizeOf(node).width;
		for (const body of node.bodies) {
			const placed = place(node.address, body);
			shift(found, inside.get(groupOf(node.address, body)) ?? [], placed.at, {
				x: FRAME.side,
				y: top
			});
			width = Math.max(width, placed.width + 2 * FRAME.side);
			top += placed.height + FRAME.between;
		}
		return {
			width,
			height: top - FRAME.between + FRAME.bottom
		};
	};
	place(null, "");
	return found;
}
function groupOf(parent, body) {
	return parent === null ? "" : `${parent}[${body}]`;
}
function shift(found, nodes, at, by) {
	for (const node of nodes) {
		const box = found.boxes.get(node.address);
		if (box) found.boxes.set(node.address, {
			...box,
			x: box.x + by.x,
			y: box.y + by.y
		});
	}
	for (const [edge, points] of at.bends) found.bends.set(edge, points.map((point) => ({
		x: point.x + by.x,
		y: point.y + by.y
	})));
}
function groupBy(all, keyOf) {
	const found = /* @__PURE__ */ new Map();
	for (const one of all) {
		const key = keyOf(one);
		const group = found.get(key);
		if (group) group.push(one);
		else found.set(key, [one]);
	}
	return found;
}
// src/canvas/editing.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** Media type of a kind that is dragged from the palette. */
var DRAGGED_KIND = "application/x-runfold-kind";
var EditingContext = (0, import_react.createContext)(null);
function useEditing() {
	return (0, import_react.useContext)(EditingContext);
}
/** Finding levels by address: boxes with a problem say so. */
var FindingsContext = (0, import_react.createContext)(/* @__PURE__ */ new Map());
// src/canvas/sizes.ts
var WIDTH = 208;
var TITLE = 72;
var PORT = 22;
function sizeOf(node) {
	return {
		width: WIDTH,
		height: TITLE + (node.ports.length > 1 ? node.ports.length : 0) * PORT
	};
}
/** Distance from a box's top to the middle of a port. */
function portTop(node, index, height) {
	if (node.bodies.length > 0 || node.ports.length <= 1) return (index + 1) * height / (node.ports.length + 1);
	return TITLE + index * PORT + PORT / 2 - 4;
}
export { FindingsContext as a, FRAME as c, EditingContext as i, layout as l, sizeOf as n, useEditing as o, DRAGGED_KIND as r, EMPTY_BODY as s, portTop as t };

import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as ViewportPortal, r as useReactFlow, t as Canvas } from "./canvas-BD_Xwwj9.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { S as editorTexts, i as prefixOf } from "./use-session-DQZEl8qy.js";
import { i as useStore } from "./screen-DqDVlJ7i.js";
// src/screens/editor/notes.tsx
/** Notes on the canvas: kept in the layout, moved by their head, written in place. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
var NONE = [];
function Notes({ session }) {
	const notes = useStore(session.store, (state) => state.layout.notes) ?? NONE;
	if (useStore(session.store, (state) => state.root).length > 0) return null;
	const change = (id, change) => session.arrange((layout) => ({
		...layout,
		notes: (layout.notes ?? []).flatMap((note) => note.id !== id ? note : change === null ? [] : {
			...note,
			...change
		})
	}));
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(ViewportPortal, { children: notes.map((note) => /* @__PURE__ */ (0, import_jsx_runtime.jsx)(NoteBox, {
		note,
		change: (made) => change(note.id, made)
	}, note.id)) });
}
function NoteBox({ note, change }) {
	const t = useTexts(editorTexts);
	const flow = useReactFlow();
	const [drag, setDrag] = (0, import_react.useState)(null);
	const at = drag ?? note;
	const begin = (event) => {
		if (event.target !== event.currentTarget) return;
		event.currentTarget.setPointerCapture(event.pointerId);
		setDrag({
			x: note.x,
			y: note.y
		});
	};
	const move = (event) => {
		if (!drag) return;
		const zoom = flow.getZoom();
		setDrag({
			x: drag.x + event.movementX / zoom,
			y: drag.y + event.movementY / zoom
		});
	};
	const end = () => {
		if (drag) change({
			x: Math.round(drag.x),
			y: Math.round(drag.y)
		});
		setDrag(null);
	};
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("div", {
		className: "note nopan nodrag",
		style: {
			transform: `translate(${at.x}px, ${at.y}px)`,
			width: note.width,
			minHeight: note.height
		},
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
			className: "note-head",
			onPointerDown: begin,
			onPointerMove: move,
			onPointerUp: end,
			children: /* @__PURE__ */ (0, import_jsx_runtime.jsx)("button", {
				type: "button",
				className: "plain remove",
				"aria-label": t.deleteNote,
				onClick: () => change(null),
				children: "✕"
			})
		}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("textarea", {
			"aria-label": t.note,
			defaultValue: note.text,
			rows: 3,
			onBlur: (event) => {
				if (event.target.value !== note.text) change({ text: event.target.value });
			}
		})]
	});
}
// src/screens/editor/views.ts
/** What the canvas shows of a session: places that somebody chose, and levels of findings. */
function usePlaces(session) {
	const nodes = useStore(session.store, (state) => state.layout.nodes);
	const prefix = useStore(session.store, (state) => prefixOf(state.root));
	return (0, import_react.useMemo)(() => new Map(Object.entries(nodes ?? {}).flatMap(([address, { x, y }]) => address.startsWith(prefix) ? [[address.slice(prefix.length), {
		x,
		y
	}]] : [])), [nodes, prefix]);
}
var RANK = {
	error: 2,
	warning: 1,
	info: 0
};
/** The worst level of findings by address; informations are none to worry about. */
function useLevels(session) {
	const checked = useStore(session.store, (state) => state.checked);
	const prefix = useStore(session.store, (state) => prefixOf(state.root));
	return (0, import_react.useMemo)(() => {
		const found = /* @__PURE__ */ new Map();
		for (const { node, level } of checked?.findings ?? []) {
			if (!node?.startsWith(prefix) || level === "info") continue;
			const address = node.slice(prefix.length);
			const before = found.get(address);
			if (!before || RANK[level] > RANK[before]) found.set(address, level);
		}
		return found;
	}, [checked, prefix]);
}
// src/screens/editor/editor-canvas.tsx
/** The canvas of the editor with its notes; loaded while the rest is shown. */
function EditorCanvas({ session, editing, focus }) {
	const graph = useStore(session.store, (state) => state.drawn.graph);
	const selected = useStore(session.store, (state) => state.selected);
	const moved = usePlaces(session);
	const levels = useLevels(session);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)(Canvas, {
		graph,
		moved,
		editing,
		findings: levels,
		selected,
		onSelect: session.select,
		children: [/* @__PURE__ */ (0, import_jsx_runtime.jsx)(Notes, { session }), /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Focus, { on: focus })]
	});
}
/** Brings a node to the middle of the canvas. */
function Focus({ on }) {
	const flow = useReactFlow();
	(0, import_react.useEffect)(() => {
		if (on) flow.fitView({
			nodes: [{ id: on.address }],
			maxZoom: 1,
			duration: 200
		});
	}, [on, flow]);
	return null;
}
export { EditorCanvas as default };

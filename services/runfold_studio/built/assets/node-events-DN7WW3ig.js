import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { s as useTexts } from "./language-Xe_YX1Uf.js";
import { r as clock } from "./numbers-DREmUqdS.js";
import { d as gistOf, o as inspectorTexts, s as useEvents } from "./workspace-view-BwVbuKVI.js";
import { s as visible } from "./index-DgqGT2MN.js";
import { n as useWorkspace } from "./workspace-fWFoV-tM.js";
// src/screens/run/inspector/node-events.tsx
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
/** Events that are shown: the newest. */
var MOST = 200;
function NodeEvents({ address }) {
	const t = useTexts(inspectorTexts);
	const { data, moment, goTo } = useWorkspace();
	const { count } = moment;
	const found = (0, import_react.useMemo)(() => {
		const places = [];
		for (let place = count - 1; place >= 0 && places.length < MOST; place -= 1) if (data.history.aboutAt(place) === address) places.push(place);
		return places.reverse();
	}, [
		data.history,
		count,
		address
	]);
	const shown = (0, import_react.useMemo)(() => found.slice(-20), [found]);
	useEvents(data, shown);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)("ol", {
		className: "node-events",
		"aria-label": t.events,
		children: found.map((place) => {
			const { index, pages } = data.history;
			const event = pages.at(place);
			return /* @__PURE__ */ (0, import_jsx_runtime.jsxs)("li", { children: [/* @__PURE__ */ (0, import_jsx_runtime.jsxs)("button", {
				type: "button",
				className: "plain",
				onClick: () => goTo(place + 1),
				children: [
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "mono muted",
						children: index.seq(place)
					}),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "mono",
						children: index.type(place)
					}),
					" ",
					/* @__PURE__ */ (0, import_jsx_runtime.jsx)("span", {
						className: "muted",
						children: clock(index.time(place))
					})
				]
			}), /* @__PURE__ */ (0, import_jsx_runtime.jsx)("div", {
				className: "muted gist",
				children: event && visible(gistOf(event))
			})] }, place);
		})
	});
}
export { NodeEvents };

import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react } from "./jsx-runtime-CgfO9KJ9.js";
// src/ui/visible-rows.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
/** The rows of one height that are in a window, and some around it. */
function rowsIn(top, height, row, count, around = 8) {
	const first = Math.max(0, Math.min(count, Math.floor(top / row)) - around);
	const end = Math.min(count, Math.ceil((top + height) / row) + around);
	return {
		first,
		end: Math.max(first, end)
	};
}
/** @param row Pixels of a row; all have the same. */
function useVisibleRows(scroller, row, count) {
	const [seen, setSeen] = (0, import_react.useState)({
		top: 0,
		height: 0
	});
	(0, import_react.useEffect)(() => {
		const element = scroller.current;
		if (element === null) return;
		const look = () => setSeen({
			top: element.scrollTop,
			height: element.clientHeight
		});
		look();
		element.addEventListener("scroll", look, { passive: true });
		const sized = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(look);
		sized?.observe(element);
		return () => {
			element.removeEventListener("scroll", look);
			sized?.disconnect();
		};
	}, [scroller]);
	return rowsIn(seen.top, seen.height, row, count);
}
export { useVisibleRows as t };

import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { a as Loading, d as useSearch, f as useParams, u as useNavigate } from "./index-DgqGT2MN.js";
import { n as require_react, t as require_jsx_runtime } from "./jsx-runtime-CgfO9KJ9.js";
import { a as openRun, t as WorkspaceView } from "./workspace-view-BwVbuKVI.js";
// src/screens/run/screen.tsx
/** One run: as it goes on, or as it was at any of its events. */
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var import_jsx_runtime = require_jsx_runtime();
function RunScreen() {
	const { runId } = useParams({ from: "/r/$runId" });
	const [store, setStore] = (0, import_react.useState)(null);
	(0, import_react.useEffect)(() => {
		const opened = openRun(runId);
		setStore({
			of: runId,
			store: opened
		});
		return () => opened.close();
	}, [runId]);
	if (store?.of !== runId) return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Loading, {});
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(Opened, {
		runId,
		store: store.store
	}, runId);
}
function Opened({ runId, store }) {
	const data = (0, import_react.useSyncExternalStore)(store.subscribe, store.get);
	const view = useSearch({ from: "/r/$runId" });
	const navigate = useNavigate({ from: "/r/$runId" });
	const change = (0, import_react.useCallback)((changes) => void navigate({
		search: (before) => withChanges(before, changes),
		replace: !("node" in changes)
	}), [navigate]);
	return /* @__PURE__ */ (0, import_jsx_runtime.jsx)(WorkspaceView, {
		runId,
		data,
		view,
		change
	});
}
/** The parameters of the address with some of them changed, or left out where they are undefined. */
function withChanges(before, changes) {
	const all = Object.entries({
		...before,
		...changes
	});
	return Object.fromEntries(all.filter((one) => one[1] !== void 0));
}
export { RunScreen };

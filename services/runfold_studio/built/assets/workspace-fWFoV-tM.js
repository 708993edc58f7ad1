import { r as __toESM } from "./rolldown-runtime-SbdDWaPq.js";
import { n as require_react } from "./jsx-runtime-CgfO9KJ9.js";
// src/screens/run/workspace.ts
var import_react = /* @__PURE__ */ __toESM(require_react(), 1);
var WorkspaceContext = (0, import_react.createContext)(null);
function useWorkspace() {
	const workspace = (0, import_react.useContext)(WorkspaceContext);
	if (!workspace) throw new Error("there is no run around this");
	return workspace;
}
export { useWorkspace as n, WorkspaceContext as t };

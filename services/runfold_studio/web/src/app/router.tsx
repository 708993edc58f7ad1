/** Addresses of the screens. Each screen is loaded when it is first opened; filters live in the address. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { Problem } from "@/ui/states";
import { NotFound } from "./not-found";
import { Shell } from "./shell";

type Search = Record<string, unknown>;

function text(search: Search, name: string): string | undefined {
  const value = search[name];
  return value === undefined || value === null || value === "" ? undefined : String(value);
}

/** The named parameters of an address as text; others are left out. */
function only<const N extends string>(...names: N[]) {
  return (search: Search): { [K in N]?: string } => {
    const found: { [K in N]?: string } = {};
    for (const name of names) {
      const value = text(search, name);
      if (value !== undefined) found[name] = value;
    }
    return found;
  };
}

/** As `only`; an `at` that is no sequence is left out, so that the newest state is shown. */
function ofRun(search: Search) {
  const { at, ...others } = only("at", "node", "attempt", "tab")(search);
  return at !== undefined && /^\d+$/.test(at) ? { at, ...others } : others;
}

function Failed({ error, reset }: ErrorComponentProps) {
  return <Problem error={error} again={reset} />;
}

const root = createRootRoute({
  component: Shell,
  errorComponent: Failed,
  notFoundComponent: NotFound,
});

const routes = [
  createRoute({
    getParentRoute: () => root,
    path: "/",
    validateSearch: only("label", "archived"),
    component: lazyRouteComponent(() => import("@/screens/workflows/screen"), "WorkflowsScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/w/$workflowId",
    validateSearch: only("version", "node", "panel", "run"),
    component: lazyRouteComponent(() => import("@/screens/editor/screen"), "EditorScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/runs",
    validateSearch: only(
      "workflow_id",
      "status",
      "from",
      "to",
      "version",
      "label",
      "text",
      "node",
      "error_code",
      "origin",
      "view",
    ),
    component: lazyRouteComponent(() => import("@/screens/runs/screen"), "RunsScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/r/$runId",
    validateSearch: ofRun,
    component: lazyRouteComponent(() => import("@/screens/run/screen"), "RunScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/diff/$left/$right",
    validateSearch: only("node"),
    component: lazyRouteComponent(() => import("@/screens/diff/screen"), "DiffScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/log",
    component: lazyRouteComponent(() => import("@/screens/run/log-file"), "LogFileScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/inbox",
    validateSearch: only("review", "workflow_id", "kind", "assignee"),
    component: lazyRouteComponent(() => import("@/screens/inbox/screen"), "InboxScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/chat",
    validateSearch: only("workflow_id", "version", "conversation_id", "user_id"),
    component: lazyRouteComponent(() => import("@/screens/chat/screen"), "ChatScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/operations",
    validateSearch: only("tab", "reason", "run_id", "base", "document"),
    component: lazyRouteComponent(() => import("@/screens/operations/screen"), "OperationsScreen"),
  }),
  createRoute({
    getParentRoute: () => root,
    path: "/embed/$workflowId",
    validateSearch: only("user_id"),
    component: lazyRouteComponent(() => import("@/screens/embed/screen"), "EmbedScreen"),
  }),
] as const;

/** Parameters as people write them: `?at=502`, not the JSON of a text. */
const plain = {
  parseSearch: (text: string): Search => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search: Search): string => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined);
    const written = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
    return given.length > 0 ? `?${written}` : "";
  },
};

export const router = createRouter({
  ...plain,
  routeTree: root.addChildren(routes),
  basepath: "/studio",
  // A screen that fails leaves the ways to the others.
  defaultErrorComponent: Failed,
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

/** One workflow being edited: its text and history, what is drawn of it, what is selected. No React. */

import { createStore, type StoreApi } from "zustand/vanilla";
import { forTab } from "@/api/kept";
import type { components } from "@/api/schema";
import { type Places, placesOf } from "@/graph/bodies";
import { withAllEdges } from "@/graph/changes";
import { CannotEdit, type Path, SourceDocument } from "@/graph/document";
import { type Graph, graphOf, type Kinds } from "@/graph/graph";
import { changed, type History, historyOf, redone, undone } from "@/graph/history";
import { valueAt } from "@/graph/source/values";
import type { Saving } from "./saver";

export type Layout = components["schemas"]["Layout"];
export type Checked = components["schemas"]["Checked"];
export type Finding = components["schemas"]["Finding"];

/** What the canvas and the forms show: of the newest text that can be read. */
export interface Drawn {
  document: SourceDocument;
  places: Places;
  graph: Graph;
}

export interface SessionState {
  history: History;
  document: SourceDocument;
  drawn: Drawn;
  /** The workflow that is shown: the document itself, or one of its `workflows`. */
  root: Path;
  selected: readonly string[];
  layout: Layout;
  saving: Saving;
  checked: Checked | null;
  /** What could not be done, for people. */
  notice: string;
}

export interface Session {
  readonly workflowId: string;
  readonly kinds: Kinds;
  readonly store: StoreApi<SessionState>;
  /** Change the document; steps of one kind that follow each other soon are one step back. */
  edit(
    change: (document: SourceDocument, places: Places) => SourceDocument,
    kind?: string,
  ): boolean;
  setText(text: string, kind: string): void;
  undo(): void;
  redo(): void;
  select(addresses: readonly string[]): void;
  show(root: Path): void;
  arrange(change: (layout: Layout) => Layout): void;
  patch(change: Partial<SessionState>): void;
}

export interface SessionGiven {
  workflowId: string;
  text: string;
  json: boolean;
  layout: Layout;
  kinds: Kinds;
  /** What is said when a place of the text cannot be edited but as text. */
  cannot: () => string;
  now?: () => number;
}

export function createSession(given: SessionGiven): Session {
  const { workflowId, kinds, json, now = Date.now } = given;
  const document = SourceDocument.of(given.text, json);
  const store = createStore<SessionState>(() => ({
    history: keptHistory(workflowId, given.text),
    document,
    drawn: drawnOf(document, kinds, []),
    root: [],
    selected: [],
    layout: given.layout,
    saving: { state: "saved", at: null },
    checked: null,
    notice: "",
  }));

  const become = (history: History, made?: SourceDocument) => {
    const { drawn, root, selected } = store.getState();
    const next = made ?? SourceDocument.of(history.text, json);
    const shown = next.problem ? drawn : drawnOf(next, kinds, root);
    store.setState({
      history,
      document: next,
      drawn: shown,
      selected: selected.filter((address) => shown.places.nodes.has(address)),
    });
  };

  return {
    workflowId,
    kinds,
    store,
    edit(change, kind = "") {
      const { document: before, history, drawn } = store.getState();
      try {
        const made = change(before, drawn.places);
        become(changed(history, made.text, kind, now()), made);
        store.setState({ notice: "" });
        return true;
      } catch (error) {
        if (!(error instanceof CannotEdit)) throw error;
        store.setState({ notice: given.cannot() });
        return false;
      }
    },
    setText: (text, kind) => become(changed(store.getState().history, text, kind, now())),
    undo: () => become(undone(store.getState().history)),
    redo: () => become(redone(store.getState().history)),
    select(addresses) {
      const before = store.getState().selected;
      if (before.length === addresses.length && before.every((one, at) => one === addresses[at]))
        return;
      store.setState({ selected: addresses });
    },
    show(root) {
      const { document: shown } = store.getState();
      store.setState({ root, selected: [], drawn: drawnOf(shown, kinds, root) });
    },
    arrange: (change) => store.setState({ layout: change(store.getState().layout) }),
    patch: (change) => store.setState(change),
  };
}

/** What the addresses of a workflow begin with in findings and layouts: nothing, or `greeting:`. */
export function prefixOf(root: Path): string {
  return root.length === 2 ? `${String(root[1])}:` : "";
}

function drawnOf(document: SourceDocument, kinds: Kinds, root: Path): Drawn {
  const places = placesOf(document.value, kinds, root);
  const definition = valueAt(withAllEdges(document.value, places), root);
  return { document, places, graph: graphOf(definition, kinds) };
}

const KEPT = "runfold.history.";
/** Characters of a history that is kept over a reload. */
const MOST_KEPT = 2_000_000;

/** The history of this tab, where it leads to this very text. */
function keptHistory(workflowId: string, text: string): History {
  const kept = forTab.get(KEPT + workflowId);
  if (!kept) return historyOf(text);
  try {
    const history = JSON.parse(kept) as History;
    return history.text === text ? history : historyOf(text);
  } catch {
    // What is no history was written by something else: begin a new one.
    return historyOf(text);
  }
}

export function keepHistory(session: Session): void {
  const kept = JSON.stringify(session.store.getState().history);
  forTab.set(KEPT + session.workflowId, kept.length > MOST_KEPT ? "" : kept);
}

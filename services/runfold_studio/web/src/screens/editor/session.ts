/** One workflow being edited: its text and history, what is drawn of it, what is selected. No React. */

import { createStore, type StoreApi } from "zustand/vanilla";
import { forTab } from "@/api/kept";
import type { components } from "@/api/schema";
import { type Places, placesOf } from "@/graph/bodies";
import { withAllEdges } from "@/graph/changes";
import { CannotEdit, type Path, SourceDocument } from "@/graph/document";
import { type Graph, graphOf, type Kinds } from "@/graph/graph";
import {
  arranged,
  changed,
  type History,
  historyOf,
  redone,
  type Stepped,
  undone,
} from "@/graph/history";
import { layoutChange, withLayoutChange } from "@/graph/layout-changes";
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

export type Arrange = (layout: Layout) => Layout;

export interface Session {
  readonly workflowId: string;
  readonly kinds: Kinds;
  readonly store: StoreApi<SessionState>;
  /**
   * Change the document; steps of one kind that follow each other soon are one step back.
   *
   * @param arrange what goes with it in the layout, as a part of the same step; called after it.
   */
  edit(
    change: (document: SourceDocument, places: Places) => SourceDocument,
    kind?: string,
    arrange?: Arrange,
  ): boolean;
  setText(text: string, kind: string, arrange?: Arrange): void;
  undo(): void;
  redo(): void;
  select(addresses: readonly string[]): void;
  show(root: Path): void;
  /** Change the layout alone, as a step of its own. */
  arrange(change: Arrange, kind?: string): void;
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
    const { drawn, root, selected, document: before } = store.getState();
    if (history.text === before.text) {
      store.setState({ history });
      return;
    }
    const next = made ?? SourceDocument.of(history.text, json);
    const shown = next.problem ? drawn : drawnOf(next, kinds, root);
    store.setState({
      history,
      document: next,
      drawn: shown,
      selected: selected.filter((address) => shown.places.nodes.has(address)),
    });
  };

  const arrange = (change: Arrange, kind: string, isPart: boolean) => {
    const { layout: before, history } = store.getState();
    const after = change(before);
    const done = layoutChange(before, after);
    const back = layoutChange(after, before);
    if (!done || !back) return;
    const next = arranged(history, { done, undone: back }, kind, now(), isPart);
    store.setState({ layout: after, history: next });
  };
  /** Take a text over, and what goes with it in the layout. */
  const take = (text: string, kind: string, made?: SourceDocument, change?: Arrange) => {
    const { history } = store.getState();
    const next = changed(history, text, kind, now());
    become(next, made);
    if (change) arrange(change, kind, next !== history);
  };
  const step = ({ history, layout }: Stepped) => {
    become(history);
    if (layout) store.setState({ layout: withLayoutChange(store.getState().layout, layout) });
  };

  return {
    workflowId,
    kinds,
    store,
    edit(change, kind = "", withIt) {
      const { document: before, drawn } = store.getState();
      try {
        const made = change(before, drawn.places);
        take(made.text, kind, made, withIt);
        store.setState({ notice: "" });
        return true;
      } catch (error) {
        if (!(error instanceof CannotEdit)) throw error;
        store.setState({ notice: given.cannot() });
        return false;
      }
    },
    setText: (text, kind, withIt) => take(text, kind, undefined, withIt),
    undo: () => step(undone(store.getState().history)),
    redo: () => step(redone(store.getState().history)),
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
    arrange: (change, kind = "") => arrange(change, kind, false),
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

/** The canvas: a graph drawn with React Flow, to be looked at or, with an editor, changed. */

import {
  type AriaLabelConfig,
  Background,
  Controls,
  type Edge,
  type EdgeChange,
  type IsValidConnection,
  MiniMap,
  type Node,
  type NodeChange,
  type OnConnectEnd,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
  useReactFlow,
  useStore,
  useStoreApi,
} from "@xyflow/react";
import {
  type DragEvent,
  type KeyboardEvent,
  memo,
  type ReactNode,
  useCallback,
  useMemo,
  useState,
} from "react";
import "@xyflow/react/dist/style.css";
import type { Marks } from "@/graph/diff-graph";
import type { Graph } from "@/graph/graph";
import { type Layout, layout, type Point } from "@/graph/layout";
import { useTexts } from "@/i18n/language";
import { placeBelow } from "@/ui/menu-place";
import { placeAt, rounded } from "./drop-place";
import {
  type CanvasEditing,
  DRAGGED_KIND,
  EditingContext,
  FindingsContext,
  PinnedContext,
} from "./editing";
import { type Elements, elementsOf } from "./elements";
import { FrameBox } from "./frame-box";
import { Line } from "./line";
import { type CanvasLive, LiveContext, Still } from "./live";
import { MarksContext } from "./marks";
import { asksForMenu, MenuContext, type OpenMenu, placeOf } from "./menu";
import { sizeOf } from "./sizes";
import { StepBox } from "./step-box";
import { canvasTexts } from "./texts";
import "./canvas.css";

const NODE_TYPES = { step: StepBox, frame: FrameBox };
const EDGE_TYPES = { line: Line };
/** Zoom below which a workflow is shown from its beginning instead of whole. */
const READABLE = 0.65;
/** Boxes from which on only those in sight are drawn. */
const MANY = 150;
/** Zoom below which boxes are drawn flat. */
const FAR = 0.45;
/** Of the overview: it lies over boxes. */
const MAP = { width: 132, height: 88 };
const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();
const NONE: ReadonlySet<string> = new Set();

export interface CanvasProps {
  graph: Graph;
  /** Places that somebody chose; the layout has the others. */
  moved?: ReadonlyMap<string, Point>;
  live?: CanvasLive;
  editing?: CanvasEditing | null;
  findings?: ReadonlyMap<string, "error" | "warning" | "info">;
  /** Addresses of boxes whose output is pinned. */
  pinned?: ReadonlySet<string>;
  /** What happened to boxes between two versions. */
  marks?: Marks;
  selected: readonly string[];
  onSelect: (addresses: string[]) => void;
  /** The box that is in sight at first, where not all of them can be. */
  first?: string | undefined;
  /** Without it, boxes have no menu. */
  onMenu?: OpenMenu;
  /** Further things on the canvas, such as notes and buttons. */
  children?: ReactNode;
}

interface Drag {
  of: Elements;
  places: ReadonlyMap<string, Point>;
}

export const Canvas = memo(function Canvas(props: CanvasProps) {
  return (
    <LiveContext.Provider value={props.live ?? Still}>
      <EditingContext.Provider value={props.editing ?? null}>
        <FindingsContext.Provider value={props.findings ?? NOTHING}>
          <MarksContext.Provider value={props.marks ?? NOTHING}>
            <MenuContext.Provider value={props.onMenu ?? null}>
              <PinnedContext.Provider value={props.pinned ?? NONE}>
                <ReactFlowProvider>
                  <Flow {...props} />
                </ReactFlowProvider>
              </PinnedContext.Provider>
            </MenuContext.Provider>
          </MarksContext.Provider>
        </FindingsContext.Provider>
      </EditingContext.Provider>
    </LiveContext.Provider>
  );
});

function Flow({
  graph,
  moved = NOTHING,
  editing = null,
  selected,
  onSelect,
  onMenu,
  first,
  children,
}: CanvasProps) {
  const t = useTexts(canvasTexts);
  const placed: Layout = useMemo(() => layout(graph, sizeOf), [graph]);
  const elements = useMemo(() => elementsOf(graph, placed, moved), [graph, placed, moved]);
  // Boxes under the pointer; forgotten when the document has taken their new places over.
  const [drag, setDrag] = useState<Drag>({ of: elements, places: NOTHING });
  const dragged = drag.of === elements ? drag.places : NOTHING;
  const [lines, setLines] = useState<readonly string[]>([]);
  const chosen = useMemo(() => new Set(selected), [selected]);
  const nodes = useMemo(
    () =>
      elements.nodes.map((node): Node => {
        const position = dragged.get(node.id) ?? node.position;
        return { ...node, position, selected: chosen.has(node.id) };
      }),
    [elements.nodes, chosen, dragged],
  );
  const edges = useMemo(
    () => elements.edges.map((edge): Edge => ({ ...edge, selected: lines.includes(edge.id) })),
    [elements.edges, lines],
  );
  const labels = useMemo(() => labelsOf(t, editing !== null), [t, editing]);
  const flow = useReactFlow();
  const store = useStoreApi();
  const far = useStore((state) => state.transform[2] < FAR);

  const onNodesChange = useCallback(
    (changes: NodeChange[]) => {
      const selection = selectionAfter(chosen, changes);
      if (selection) onSelect(selection);
      // Let go by the pointer, or moved with the arrow keys.
      const settled = changes.flatMap((one) =>
        one.type === "position" && one.position && !one.dragging
          ? [[one.id, rounded(one.position)] as const]
          : [],
      );
      if (settled.length > 0) editing?.move(new Map(settled));
      const moving = changes.filter(
        (one) => one.type === "position" && one.position && one.dragging,
      );
      if (moving.length === 0) return;
      setDrag((before) => {
        const places = new Map(before.of === elements ? before.places : NOTHING);
        for (const one of moving) {
          if (one.type === "position" && one.position) places.set(one.id, one.position);
        }
        return { of: elements, places };
      });
    },
    [chosen, onSelect, elements, editing],
  );
  const onEdgesChange = useCallback((changes: EdgeChange[]) => {
    const picked = changes.filter((one) => one.type === "select");
    if (picked.length === 0) return;
    setLines((before) => {
      const after = new Set(before);
      for (const one of picked) {
        if (one.selected) after.add(one.id);
        else after.delete(one.id);
      }
      return [...after];
    });
  }, []);
  const isValidConnection: IsValidConnection = useCallback(
    ({ source, target, sourceHandle }) =>
      editing?.canConnect(source, sourceHandle ?? "out", target) ?? false,
    [editing],
  );
  // A line that is pulled out of a port and let go over nothing asks for what comes there.
  const connectEnd: OnConnectEnd = (event, { fromHandle, toHandle }) => {
    if (!editing || toHandle || fromHandle?.type !== "source") return;
    const over = event.target instanceof Element ? event.target : null;
    if (over?.closest(".react-flow__pane, .frame"))
      editing.addAfter(fromHandle.nodeId, fromHandle.id ?? "out");
  };
  const drop = (event: DragEvent) => {
    const kind = event.dataTransfer.getData(DRAGGED_KIND);
    if (!editing || !kind) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const line = lineAt(event.clientX, event.clientY);
    editing.drop(kind, { ...placeAt(at, nodes), ...(line ? { edge: line } : {}) });
  };

  const pressed = (event: KeyboardEvent) => {
    const box = asksForMenu(event) && (event.target as Element).closest(".react-flow__node");
    if (!onMenu || !box) return;
    const address = box.getAttribute("data-id") ?? "";
    event.preventDefault();
    onMenu(address, placeBelow(box as HTMLElement));
  };

  return (
    <section
      className="canvas"
      aria-label={t.canvas}
      data-far={far || undefined}
      onDragOver={(event) => {
        if (editing && event.dataTransfer.types.includes(DRAGGED_KIND)) event.preventDefault();
      }}
      onKeyDown={pressed}
      onDrop={drop}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onConnect={({ source, sourceHandle, target }) =>
          editing?.connect(source, sourceHandle ?? "out", target)
        }
        onDelete={(gone) =>
          editing?.remove(
            gone.nodes.map((node) => node.id),
            gone.edges.map((edge) => edge.id),
          )
        }
        onConnectEnd={connectEnd}
        onNodeContextMenu={(event, node) => {
          if (!onMenu) return;
          event.preventDefault();
          onMenu(node.id, placeOf(event, event.currentTarget as HTMLElement));
        }}
        isValidConnection={isValidConnection}
        nodesDraggable={editing !== null}
        nodesConnectable={editing !== null}
        deleteKeyCode={editing ? ["Delete", "Backspace"] : null}
        selectionKeyCode="Shift"
        multiSelectionKeyCode={["Meta", "Control"]}
        onlyRenderVisibleElements={graph.nodes.length > MANY}
        minZoom={0.05}
        maxZoom={2}
        ariaLabelConfig={labels}
        onInit={(made) => void show(made, store.getState().height, first)}
        proOptions={{ hideAttribution: true }}
      >
        <Background gap={24} />
        <Controls showInteractive={false} />
        <MiniMap pannable zoomable className="hide-narrow" style={MAP} />
        {children}
      </ReactFlow>
    </section>
  );
}

/** What the canvas says of itself to people who do not see it. */
function labelsOf(t: (typeof canvasTexts)["en"], isEdited: boolean): Partial<AriaLabelConfig> {
  const node = isEdited ? t.nodeHelpEditing : t.nodeHelp;
  return {
    "node.a11yDescription.default": node,
    "node.a11yDescription.keyboardDisabled": node,
    "node.a11yDescription.ariaLiveMessage": ({ x, y }) => t.movedTo(x, y),
    "edge.a11yDescription.default": isEdited ? t.edgeHelpEditing : t.edgeHelp,
    "controls.ariaLabel": t.view,
    "controls.zoomIn.ariaLabel": t.zoomIn,
    "controls.zoomOut.ariaLabel": t.zoomOut,
    "controls.fitView.ariaLabel": t.fit,
    "minimap.ariaLabel": t.overview,
    "handle.ariaLabel": t.port,
  };
}

/** The line under a point of the window. */
function lineAt(x: number, y: number): string | null {
  const found = document
    .elementsFromPoint(x, y)
    .map((element) => element.closest(".react-flow__edge"))
    .find((element) => element !== null);
  return found?.getAttribute("data-id") ?? null;
}

/** All of it when that can be read, else one box, or its beginning. */
async function show(
  flow: ReactFlowInstance<Node, Edge>,
  height: number,
  wanted: string | undefined,
): Promise<void> {
  await flow.fitView({ maxZoom: 1, padding: 0.12 });
  if (flow.getZoom() >= READABLE) return;
  if (wanted !== undefined && flow.getNode(wanted)) {
    await flow.fitView({ nodes: [{ id: wanted }], minZoom: READABLE, maxZoom: READABLE });
    return;
  }
  const first = flow.getNodes()[0];
  if (!first) return;
  const middle = first.position.y + (first.height ?? 0) / 2;
  await flow.setViewport({
    x: 40 - first.position.x * READABLE,
    y: height / 2 - middle * READABLE,
    zoom: READABLE,
  });
}

/** What is selected after some changes, or null when none is about that. */
function selectionAfter(before: ReadonlySet<string>, changes: NodeChange[]): string[] | null {
  const after = new Set(before);
  let changed = false;
  for (const change of changes) {
    if (change.type !== "select") continue;
    changed = true;
    if (change.selected) after.add(change.id);
    else after.delete(change.id);
  }
  return changed ? [...after] : null;
}

/** Palette, canvas, panel and problems, and the dialogs over them. */

import { useBlocker } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTexts } from "@/i18n/language";
import { later } from "@/ui/later";
import { visible } from "@/ui/visible";
import { showNode, type Tried } from "./arriving";
import { addKind, editingOf, type Target, usualTarget } from "./canvas-editing";
import { ConnectTo } from "./connect-to";
import { Dialog } from "./dialog";
import { Find } from "./find";
import { goToNode } from "./going";
import { Inspector } from "./inspector";
import { useKeys } from "./keys";
import { addNote } from "./new-note";
import { Outline } from "./outline";
import { Palette } from "./palette";
import { Problems } from "./problems";
import type { Finding, Session } from "./session";
import { SourcePanel } from "./source-panel";
import { editorTexts } from "./texts";
import { type Panel, Toolbar } from "./toolbar";
import { useAsked } from "./use-asked";
import { type Desk, useDesk, usePart } from "./use-session";
import "./editor.css";

const RunDialog = later(async () => (await import("./run-dialog")).RunDialog);
const PinDialog = later(async () => (await import("./pin-dialog")).PinDialog);
const PublishDialog = later(async () => (await import("./publish-dialog")).PublishDialog);
const EditorCanvas = lazy(() => import("./editor-canvas"));
const MergeDialog = lazy(() => import("./merge-dialog"));
const Versions = lazy(() => import("./versions"));

interface Given {
  desk: Desk;
  /** What the address of the page asked for: a node by its address in a run, perhaps to be tried. */
  wanted: { node: string; tried: Tried | null };
}

export function Workspace({ desk, wanted }: Given) {
  const { session } = desk;
  const t = useTexts(editorTexts);
  useDesk(desk);
  // Leaving saves; only what cannot be saved is asked about.
  useBlocker({
    shouldBlockFn: async ({ current, next }) => {
      if (current.pathname === next.pathname) return false;
      await desk.draft.flush();
      return desk.draft.isDirty && !globalThis.confirm(t.leaveUnsaved);
    },
    enableBeforeUnload: false,
  });
  const [panel, setPanel] = useState<Panel>(null);
  const [target, setTarget] = useState<{ of: Target } | null>(null);
  // What cannot be read can only be mended as text.
  const [source, setSource] = useState(() => session.store.getState().document.problem !== null);
  const [focus, setFocus] = useState<{ address: string } | null>(null);
  const isEmpty = usePart(session.store, (state) => state.drawn.graph.nodes.length === 0);
  const asked = useAsked(session, setFocus);
  const selected = usePart(session.store, (state) => state.selected);
  const notice = usePart(session.store, (state) => state.notice);
  const editing = useMemo(() => editingOf(session, (of) => setTarget({ of })), [session]);
  const keys = useMemo(
    () => ({
      add: () => setTarget({ of: usualTarget(session) }),
      find: () => setPanel("find"),
      help: () => setPanel("help"),
      save: () => void desk.draft.flush(),
    }),
    [session, desk],
  );
  useKeys(session, keys);
  useEffect(() => {
    if (wanted.node === "") return;
    const address = showNode(session, wanted.node);
    if (address === "") session.patch({ notice: t.noSuchNode(visible(wanted.node)) });
    else setFocus({ address });
  }, [session, wanted, t]);
  const close = useCallback(() => setPanel(null), []);
  const goTo = (finding: Finding) => {
    if (!goToNode(session, finding.node ?? "", setFocus)) setSource(true);
  };
  return (
    <div className="editor" data-source={source || undefined}>
      <Toolbar
        desk={desk}
        source={source}
        toggleSource={() => setSource(!source)}
        open={setPanel}
        arrange={() => session.arrange((layout) => ({ ...layout, nodes: {} }))}
        addNote={() => addNote(session, t.note)}
      />
      <div className="editor-palette">
        <Outline session={session} show={(address) => setFocus({ address })} />
        <div className="hide-narrow">
          <Palette
            kinds={session.kinds}
            add={(type) => addKind(session, type, usualTarget(session))}
          />
        </div>
      </div>
      <div className="editor-canvas">
        <Breadcrumb session={session} />
        {notice && (
          <p className="problem notice" role="alert">
            {notice}
            <button type="button" className="plain" onClick={() => session.patch({ notice: "" })}>
              ✕<span className="hidden-text">{t.close}</span>
            </button>
          </p>
        )}
        <Suspense fallback={null}>
          <EditorCanvas session={session} editing={editing} focus={focus} />
        </Suspense>
        {isEmpty && <p className="canvas-empty muted">{t.empty}</p>}
      </div>
      {source && (
        <div className="editor-source">
          <SourcePanel desk={desk} address={selected[0] ?? ""} />
        </div>
      )}
      <Inspector desk={desk} tried={wanted.tried} />
      <Problems session={session} go={goTo} />
      {target && (
        <Dialog title={titleOf(t, target.of)} close={() => setTarget(null)}>
          {target.of && "after" in target.of && (
            <ConnectTo
              session={session}
              editing={editing}
              {...target.of}
              done={() => setTarget(null)}
            />
          )}
          <Palette
            kinds={session.kinds}
            add={(type) => {
              addKind(session, type, target.of);
              setTarget(null);
            }}
          />
        </Dialog>
      )}
      {panel === "run" && <RunDialog desk={desk} close={close} />}
      {panel === "publish" && <PublishDialog desk={desk} close={close} />}
      {panel === "find" && (
        <Find session={session} close={close} show={(address) => setFocus({ address })} />
      )}
      {panel === "help" && (
        <Dialog title={t.keys} close={close}>
          <ul>
            {t.keyList.split(" · ").map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Dialog>
      )}
      {asked.recorded && (
        <PinDialog session={session} recorded={asked.recorded} close={asked.close} />
      )}
      <Suspense fallback={null}>
        {panel === "versions" && <Versions desk={desk} close={close} />}
        {panel === "merge" && <MergeDialog desk={desk} close={close} />}
      </Suspense>
    </div>
  );
}

function titleOf(t: (typeof editorTexts)["en"], target: Target): string {
  if (target && "after" in target) return t.addAfter(`${target.after} ${target.port}`);
  return target && "edge" in target ? t.addBetween : t.addKind;
}

/** Which workflow of the document is shown, and the way to the others. */
function Breadcrumb({ session }: { session: Session }) {
  const t = useTexts(editorTexts);
  const root = usePart(session.store, (state) => state.root);
  const names = usePart(session.store, (state) => state.drawn.document.at(["workflows"]));
  const inside = typeof names === "object" && names !== null ? Object.keys(names) : [];
  if (inside.length === 0 && root.length === 0) return null;
  return (
    <nav className="breadcrumb" aria-label={t.subWorkflows}>
      <button type="button" aria-pressed={root.length === 0} onClick={() => session.show([])}>
        {t.backTo}
      </button>
      {inside.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={root[1] === name}
          onClick={() => session.show(["workflows", name])}
        >
          {name}
        </button>
      ))}
    </nav>
  );
}

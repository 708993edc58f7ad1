/** The panel of what is selected: a node's form, its text, a trial; or the workflow's own settings. */

import { useEffect, useState } from "react";
import { SchemaForm } from "@/forms/form";
import { ALIGNMENTS } from "@/graph/aligning";
import { isId } from "@/graph/changes";
import { isObject } from "@/graph/source/values";
import { useTexts } from "@/i18n/language";
import { later } from "@/ui/later";
import { WithCode } from "@/ui/with-code";
import type { Tried } from "./arriving";
import { removeAll } from "./canvas-editing";
import { duplicate, groupSelected } from "./commands";
import { FindingText } from "./finding-text";
import { FormScope } from "./form-scope";
import { Mend } from "./mend";
import { NODE_FIXED, NODE_HEAD, nodeSchema, WORKFLOW_HEAD, workflowSchema } from "./node-schema";
import { nodeTexts } from "./node-texts";
import { Pins } from "./pins";
import { alignSelected } from "./placement";
import { renameTo } from "./rename";
import { prefixOf, type Session } from "./session";
import { SourcePanel } from "./source-panel";
import { editorTexts } from "./texts";
import type { Desk } from "./use-session";
import { usePart } from "./use-session";

const TryNode = later(async () => (await import("./try-node")).TryNode);

type Tab = "form" | "source" | "try";

interface Given {
  desk: Desk;
  /** What the editor was opened for: a trial of one node. */
  tried: Tried | null;
}

export function Inspector({ desk, tried }: Given) {
  const { session } = desk;
  const t = useTexts(editorTexts);
  const selected = usePart(session.store, (state) => state.selected);
  const [tab, setTab] = useState<Tab>(tried ? "try" : "form");
  const [address] = selected;
  if (selected.length > 1) return <Several session={session} />;
  const tabs: [Tab, string][] = [
    ["form", t.form],
    ["source", t.source],
    ...(address === undefined ? [] : [["try", t.tryOut] as [Tab, string]]),
  ];
  const shown = tabs.some(([one]) => one === tab) ? tab : "form";
  return (
    <aside className="inspector" aria-label={t.nodePanel}>
      <div className="tabs" role="tablist" aria-label={t.nodePanel}>
        {tabs.map(([one, label]) => (
          <button
            key={one}
            type="button"
            role="tab"
            className="plain"
            aria-selected={one === shown}
            onClick={() => setTab(one)}
          >
            {label}
          </button>
        ))}
      </div>
      {shown === "source" && <SourcePanel desk={desk} address={address ?? ""} />}
      {shown === "form" &&
        (address === undefined ? (
          <WorkflowForm session={session} />
        ) : (
          <NodeForm key={address} session={session} address={address} />
        ))}
      {shown === "try" && address !== undefined && (
        <TryNode key={address} desk={desk} address={address} tried={tried} />
      )}
    </aside>
  );
}

function Several({ session }: { session: Session }) {
  const t = useTexts(editorTexts);
  const selected = usePart(session.store, (state) => state.selected);
  const group = () => {
    if (!groupSelected(session)) session.patch({ notice: t.cannotGroup });
  };
  return (
    <aside className="inspector" aria-label={t.nodePanel}>
      <div className="panel stack">
        <h2>{t.selectedMany(selected.length)}</h2>
        <div className="row">
          <button type="button" onClick={() => duplicate(session)}>
            {t.duplicate}
          </button>
          <button type="button" title={t.groupHelp} onClick={group}>
            {t.group}
          </button>
          <button type="button" className="danger" onClick={() => removeAll(session, selected, [])}>
            {t.deleteNodes(selected.length)}
          </button>
        </div>
        <fieldset className="bare row" aria-label={t.align}>
          {ALIGNMENTS.map((how) => (
            <button key={how} type="button" onClick={() => alignSelected(session, how)}>
              {t[`align_${how}`]}
            </button>
          ))}
        </fieldset>
      </div>
    </aside>
  );
}

function WorkflowForm({ session }: { session: Session }) {
  const t = useTexts(editorTexts);
  const words = useTexts(nodeTexts);
  const root = usePart(session.store, (state) => state.root);
  const value = usePart(session.store, (state) => state.drawn.document.at(root));
  return (
    <div className="panel">
      <h2>{t.workflow}</h2>
      <p className="muted">{t.workflowHelp}</p>
      <FormScope session={session} address="" templates={false}>
        <SchemaForm
          schema={workflowSchema(words)}
          value={value}
          path={root}
          without={WORKFLOW_HEAD}
        />
      </FormScope>
    </div>
  );
}

function NodeForm({ session, address }: { session: Session; address: string }) {
  const t = useTexts(editorTexts);
  const words = useTexts(nodeTexts);
  const drawn = usePart(session.store, (state) => state.drawn);
  const place = drawn.places.nodes.get(address);
  const node = place && drawn.document.at(place.path);
  if (!place || !isObject(node)) return null;
  const kind = session.kinds.get(String(node.type));
  const findings = usableSchema(kind?.config_schema);
  return (
    <FormScope session={session} address={address} templates>
      <div className="panel">
        <NodeHead session={session} address={address} node={node} />
        {kind ? (
          <p className="muted">
            <WithCode text={kind.summary} />
          </p>
        ) : (
          <p className="field-problem">{t.unknownKind}</p>
        )}
        <NodeFindings session={session} address={address} />
        <Pins session={session} address={address} />
        <SchemaForm
          schema={findings}
          value={node.config}
          path={[...place.path, "config"]}
          fixed={kind?.fixed ?? []}
        />
        <details className="form-group">
          <summary>{t.nodeSettings}</summary>
          <SchemaForm
            schema={nodeSchema(words)}
            value={node}
            path={place.path}
            fixed={NODE_FIXED}
            without={NODE_HEAD}
          />
        </details>
        <div className="row panel-end">
          <button type="button" onClick={() => duplicate(session)}>
            {t.duplicate}
          </button>
          <button
            type="button"
            className="danger"
            onClick={() => removeAll(session, [address], [])}
          >
            {t.deleteNodes(1)} <span className="hidden-text">{place.id}</span>
          </button>
        </div>
      </div>
    </FormScope>
  );
}

function usableSchema(schema: unknown): Record<string, unknown> {
  return isObject(schema) ? schema : { type: "object" };
}

function NodeHead({
  session,
  address,
  node,
}: {
  session: Session;
  address: string;
  node: Record<string, unknown>;
}) {
  const t = useTexts(editorTexts);
  const drawn = usePart(session.store, (state) => state.drawn);
  const place = drawn.places.nodes.get(address);
  const [id, setId] = useState(String(node.id));
  const [name, setName] = useState(String(node.name ?? ""));
  useEffect(() => setName(String(node.name ?? "")), [node.name]);
  if (!place) return null;
  const isBad = id !== place.id && (!isId(id) || place.body.ids.includes(id));
  const rename = () => {
    if (id === place.id || isBad) {
      setId(place.id);
      return;
    }
    renameTo(session, address, id);
  };
  const call = () => {
    if (name === String(node.name ?? "")) return;
    session.edit((document) =>
      name === ""
        ? document.remove([...place.path, "name"])
        : document.set([...place.path, "name"], name),
    );
  };
  return (
    <div className="node-head">
      <label>
        {t.name}
        <input
          value={name}
          placeholder={place.id}
          onChange={(event) => setName(event.target.value)}
          onBlur={call}
          onKeyDown={(event) => event.key === "Enter" && call()}
        />
      </label>
      <label>
        {t.id} <span className="kind">{String(node.type)}</span>
        <input
          className="mono"
          value={id}
          aria-invalid={isBad || undefined}
          onChange={(event) => setId(event.target.value)}
          onBlur={rename}
          onKeyDown={(event) => event.key === "Enter" && rename()}
        />
      </label>
      {isBad && (
        <p className="field-problem" role="status">
          {t.badId}
        </p>
      )}
    </div>
  );
}

function NodeFindings({ session, address }: { session: Session; address: string }) {
  const checked = usePart(session.store, (state) => state.checked);
  const name = usePart(session.store, (state) => prefixOf(state.root)) + address;
  const found = checked?.findings.filter((one) => one.node === name && one.level !== "info") ?? [];
  return found.map((one) => (
    <p key={`${one.code} ${one.path}`} className={`finding-row finding-${one.level}`}>
      <FindingText finding={one} />
      <Mend session={session} finding={one} />
    </p>
  ));
}

/** What the forms of one node share: names it may read, and how a setting gets into the document. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { call } from "@/api/client";
import { FormContext, type FormEnvironment, type Readable } from "@/forms/context";
import type { Path } from "@/graph/document";
import { isObject, valueAt } from "@/graph/source/values";
import { mediaType } from "./opening";
import { prefixOf, type Session } from "./session";
import { usePart } from "./use-session";

const NOTHING: readonly Readable[] = [];

export function FormScope({
  session,
  address,
  templates,
  children,
}: {
  session: Session;
  address: string;
  templates: boolean;
  children: ReactNode;
}) {
  const readable = useReadable(session, address);
  const models = useModels(session);
  const workflows = useWorkflows(session);
  const environment = useMemo(
    (): FormEnvironment => ({
      readable,
      templates,
      models,
      workflows,
      key: address,
      set: (path: Path, value: unknown, isTyping = false) => {
        const kind = isTyping ? `typing ${path.join(".")}` : "";
        session.edit(
          (document) => (value === undefined ? removed(document, path) : document.set(path, value)),
          kind,
        );
      },
      rename: (path: Path, name: string) =>
        void session.edit((document) => document.renameKey(path, name)),
    }),
    [readable, templates, models, workflows, address, session],
  );
  return <FormContext.Provider value={environment}>{children}</FormContext.Provider>;
}

type Document = Parameters<Parameters<Session["edit"]>[0]>[0];

/** Without a setting; a configuration that only had this one stays as an empty one. */
function removed(document: Document, path: Path): Document {
  return document.at(path) === undefined ? document : document.remove(path);
}

function useReadable(session: Session, address: string): readonly Readable[] {
  const name = usePart(session.store, (state) => prefixOf(state.root)) + address;
  const node = usePart(session.store, (state) => state.checked?.nodes?.[name]);
  const text = usePart(session.store, (state) => state.document.text);
  const json = usePart(session.store, (state) => state.document.json);
  // Where very many names are readable, they are asked for one node at a time.
  const asked = useQuery({
    queryKey: ["readable", name, text],
    enabled: address !== "" && node !== undefined && node.in_scope === null,
    queryFn: async () => {
      const checked = await call("post", "/api/workflows/validate", {
        query: { scope: true, node: name },
        text: { body: text, type: mediaType(json) },
      });
      return checked.data.nodes?.[name]?.in_scope ?? [];
    },
  });
  return node?.in_scope ?? asked.data ?? NOTHING;
}

/** Models that the document names, and those that the kinds give as examples. */
function useModels(session: Session): readonly string[] {
  const document = usePart(session.store, (state) => state.drawn.document);
  return useMemo(() => {
    const found = new Set<string>();
    const look = (value: unknown): void => {
      if (Array.isArray(value)) for (const one of value) look(one);
      if (!isObject(value)) return;
      if (typeof value.model === "string" && value.model !== "") found.add(value.model);
      for (const one of Object.values(value)) look(one);
    };
    look(document.value);
    return [...found];
  }, [document]);
}

function useWorkflows(session: Session): readonly string[] {
  const inside = usePart(session.store, (state) =>
    valueAt(state.drawn.document.value, ["workflows"]),
  );
  const stored = useQuery({
    queryKey: ["workflows", "ids"],
    queryFn: async () =>
      (await call("get", "/api/workflows", { query: { limit: 1000 } })).data.items.map(
        (one) => one.id,
      ),
  });
  return useMemo(
    () => [...Object.keys(isObject(inside) ? inside : {}), ...(stored.data ?? [])],
    [inside, stored.data],
  );
}

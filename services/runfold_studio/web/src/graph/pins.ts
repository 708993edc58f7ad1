/** Pinned outputs: what a node gives in a case of the document, in place of running. No React. */

import type { SourceDocument } from "./document";
import { boxOf } from "./graph";
import type { Path } from "./source/parse";
import { isObject } from "./source/values";

/** The case that outputs are pinned into when no other one is chosen. */
export const PINNED = "pinned";
const KEY = "tests";
const OF_REPLY = new Set(["outputs", "port", "error"]);

export interface Case {
  index: number;
  name: string;
  inputs: Record<string, unknown>;
  replies: Record<string, unknown>;
}

/** A reply of a node in a case. */
export interface Pin {
  case: Case;
  /** What it stands under: the node's id, or its address in a run. */
  key: string;
  reply: unknown;
}

/** The cases of a document; what is none is passed over. */
export function casesOf(value: unknown): Case[] {
  const written = isObject(value) ? value[KEY] : null;
  return (Array.isArray(written) ? written : []).flatMap((one, index) =>
    isObject(one)
      ? {
          index,
          name: typeof one.name === "string" && one.name !== "" ? one.name : `case ${index + 1}`,
          inputs: isObject(one.inputs) ? one.inputs : {},
          replies: isObject(one.replies) ? one.replies : {},
        }
      : [],
  );
}

/** The pins of a node: under its id, and under addresses that it has in a run. */
export function pinsOf(value: unknown, address: string): Pin[] {
  const id = idOf(address);
  return casesOf(value).flatMap((one) =>
    Object.entries(one.replies)
      .filter(([key]) => key === id || boxOf(key) === address)
      .map(([key, reply]) => ({ case: one, key, reply })),
  );
}

/** The addresses among those given that have a pin. */
export function pinnedAmong(value: unknown, addresses: Iterable<string>): ReadonlySet<string> {
  const keys = new Set(casesOf(value).flatMap((one) => Object.keys(one.replies)));
  const boxes = new Set([...keys].map(boxOf));
  return new Set(
    keys.size === 0
      ? []
      : [...addresses].filter((address) => keys.has(idOf(address)) || boxes.has(address)),
  );
}

/** The id of the node at an address. */
export function idOf(address: string): string {
  return address.slice(address.lastIndexOf("/") + 1);
}

/** What a reply has the node give; null where it fails, the first one where there are several. */
export function outputsOf(reply: unknown): Record<string, unknown> | null {
  const first: unknown = Array.isArray(reply) && reply.length > 0 ? reply[0] : reply;
  if (!isObject(first)) return { output: first };
  const keys = Object.keys(first);
  if (keys.length === 0 || keys.some((key) => !OF_REPLY.has(key))) return { output: first };
  if (first.error !== undefined && first.error !== null) return null;
  return isObject(first.outputs) ? first.outputs : {};
}

/** A reply as it is written. */
export function replyOf(outputs: Record<string, unknown>, port: string): Record<string, unknown> {
  return { outputs, ...(port === "" || port === "out" ? {} : { port }) };
}

/** Where a pin goes: a case that there is, or a new one with the inputs that it is to be run with. */
export type Into = { index: number } | { name: string; inputs: Record<string, unknown> };

export function withPin(
  document: SourceDocument,
  into: Into,
  key: string,
  reply: unknown,
): SourceDocument {
  if ("index" in into) return document.set([...pathOf(into.index), "replies", key], reply);
  const { inputs } = into;
  return document.add([KEY], {
    name: into.name,
    ...(Object.keys(inputs).length > 0 ? { inputs } : {}),
    replies: { [key]: reply },
  });
}

export function withReply(document: SourceDocument, pin: Pin, reply: unknown): SourceDocument {
  return document.set([...pathOf(pin.case.index), "replies", pin.key], reply);
}

/** Without a pin; a case that pins alone made goes with its last one. */
export function withoutPin(document: SourceDocument, pin: Pin): SourceDocument {
  const path = pathOf(pin.case.index);
  if (Object.keys(pin.case.replies).length > 1)
    return document.remove([...path, "replies", pin.key]);
  const written = document.at(path);
  const others = Object.keys(isObject(written) ? written : {}).filter(
    (name) => !["name", "inputs", "replies"].includes(name),
  );
  if (pin.case.name !== PINNED || others.length > 0) return document.remove([...path, "replies"]);
  return casesOf(document.value).length > 1
    ? document.removeItems([KEY], [pin.case.index])
    : document.remove([KEY]);
}

function pathOf(index: number): Path {
  return [KEY, index];
}

/** The places of cases in which a node is called by its name. */
const NAMING = [["replies"], ["answers"], ["expect", "nodes"]] as const;

/**
 * The cases with a node under another id.
 *
 * @param address its address before, in the workflow that the cases run; null: it is in another one.
 * @param isOnly whether no other node of the document had its id.
 */
export function renamedInCases(
  document: SourceDocument,
  address: string | null,
  from: string,
  to: string,
  isOnly: boolean,
): SourceDocument {
  const renamed = (key: string) => (key === from && isOnly ? to : renamedKey(key, address, to));
  return casesOf(document.value)
    .flatMap((one) => NAMING.map((naming): Path => [...pathOf(one.index), ...naming]))
    .flatMap((path) => keysAt(document, path).map((key): Path => [...path, key]))
    .reduce((made, path) => {
      const key = String(path.at(-1));
      return renamed(key) === key ? made : made.renameKey(path, renamed(key));
    }, document);
}

function keysAt(document: SourceDocument, path: Path): string[] {
  const value = document.at(path);
  return isObject(value) ? Object.keys(value) : [];
}

/** An address in a run with a node on its way under another id. */
function renamedKey(key: string, address: string | null, to: string): string {
  const steps = key.split("/");
  const at = steps.findIndex(
    (_, index) =>
      boxOf(steps.slice(0, index + 1).join("/")).replace(/\[[^[\]]*\]$/, "") === address,
  );
  if (at < 0 || (at === 0 && steps.length === 1)) return key;
  const [, items = ""] = /^[^[]*(.*)$/.exec(steps[at] ?? "") ?? [];
  return [...steps.slice(0, at), to + items, ...steps.slice(at + 1)].join("/");
}

/** The bodies of composites, and where each node of a document stands in it. */

import type { Path } from "./source/parse";
import { isObject, valueAt } from "./source/values";

/** What of a kind is needed to find its bodies. */
export interface WithBodies {
  bodies?: { places: string[] } | null;
}
export type BodyKinds = ReadonlyMap<string, WithBodies>;

export interface BodyPlace {
  /** `""` of the workflow itself, `each` or `fan[web]` of a composite's body. */
  address: string;
  /** Of the object that has `nodes` and `edges`. */
  path: Path;
  /** What addresses of its nodes begin with. */
  prefix: string;
  /** The nodes that have an id, in their order. */
  ids: string[];
}

export interface NodePlace {
  address: string;
  id: string;
  path: Path;
  body: BodyPlace;
}

export interface Places {
  bodies: Map<string, BodyPlace>;
  nodes: Map<string, NodePlace>;
}

/** Where all nodes stand, those in bodies included.
 *
 * @param root the path of the workflow: empty, or of one of `workflows`.
 */
export function placesOf(value: unknown, kinds: BodyKinds, root: Path = []): Places {
  const found: Places = { bodies: new Map(), nodes: new Map() };
  addBody(found, kinds, value, root, "", "");
  return found;
}

function addBody(
  found: Places,
  kinds: BodyKinds,
  value: unknown,
  path: Path,
  address: string,
  prefix: string,
): void {
  const nodes = valueAt(value, [...path, "nodes"]);
  const body: BodyPlace = { address, path, prefix, ids: [] };
  found.bodies.set(address, body);
  for (const [index, node] of (Array.isArray(nodes) ? nodes : []).entries()) {
    if (!isObject(node) || typeof node.id !== "string" || node.id === "") continue;
    body.ids.push(node.id);
    const place = {
      address: prefix + node.id,
      id: node.id,
      path: [...path, "nodes", index],
      body,
    };
    found.nodes.set(place.address, place);
    for (const [name, keys] of bodyPaths(kinds.get(String(node.type)), node.config)) {
      const inner = name ? `${place.address}[${name}]` : place.address;
      addBody(found, kinds, value, [...place.path, "config", ...keys], inner, `${inner}/`);
    }
  }
}

/** The bodies of a configuration by name, with the keys that lead to each. */
export function bodyPaths(kind: WithBodies | undefined, config: unknown): [string, string[]][] {
  const places = kind?.bodies?.places ?? [];
  return places
    .flatMap((place) => matches(config, place === "" ? [] : place.split("."), "", []))
    .filter(([, path]) => Array.isArray(valueAt(config, [...path, "nodes"])));
}

/** What stands at a place of a configuration; `*` takes every key, which becomes a part of the name. */
function matches(
  value: unknown,
  place: string[],
  name: string,
  path: string[],
): [string, string[]][] {
  const [first, ...rest] = place;
  if (!isObject(value)) return [];
  if (first === undefined) return [[name, path]];
  if (first === "*")
    return Object.entries(value).flatMap(([key, inner]) =>
      matches(inner, rest, joined(name, key), [...path, key]),
    );
  const next = first === "timeout" ? joined(name, first) : name;
  return matches(value[first], rest, next, [...path, first]);
}

function joined(name: string, key: string): string {
  return name ? `${name}.${key}` : key;
}

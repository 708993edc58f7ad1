/** What a canvas tells its editor; a canvas without one only shows. */

import { createContext, useContext } from "react";
import type { Point } from "@/graph/layout";

/** Where a new node goes: into a body of a composite, or the workflow itself. */
export interface DropPlace {
  parent: string | null;
  body: string;
  /** From the corner that boxes of that body count from. */
  at: Point;
  /** The line that it was let go on. */
  edge?: string;
}

export interface CanvasEditing {
  move(places: Map<string, Point>): void;
  canConnect(source: string, port: string, target: string): boolean;
  connect(source: string, port: string, target: string): void;
  remove(addresses: string[], edges: string[]): void;
  /** Ask for a node after this port, or with `edge` between its ends. */
  addAfter(source: string, port: string): void;
  addOnEdge(edge: string): void;
  /** A kind dragged from the palette was let go here; `edge` when on a line. */
  drop(kind: string, place: DropPlace): void;
}

/** Media type of a kind that is dragged from the palette. */
export const DRAGGED_KIND = "application/x-runfold-kind";

export const EditingContext = createContext<CanvasEditing | null>(null);

export function useEditing(): CanvasEditing | null {
  return useContext(EditingContext);
}

/** Addresses of boxes whose output is pinned in a case. */
export const PinnedContext = createContext<ReadonlySet<string>>(new Set());

/** Finding levels by address: boxes with a problem say so. */
export const FindingsContext = createContext<ReadonlyMap<string, "error" | "warning" | "info">>(
  new Map(),
);

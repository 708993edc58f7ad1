/** The way to a menu of a box: a button on it, a right click, Shift+F10 and the key for menus. */

import { createContext, type KeyboardEvent, type MouseEvent, useContext } from "react";
import type { GraphNode } from "@/graph/graph";
import { useTexts } from "@/i18n/language";
import { type MenuPlace, placeBelow } from "@/ui/menu-place";
import { visible } from "@/ui/visible";
import { canvasTexts } from "./texts";

/** Opens the menu of the box with an address. */
export type OpenMenu = (address: string, place: MenuPlace) => void;

/** Null: boxes have no menu. */
export const MenuContext = createContext<OpenMenu | null>(null);

export function MenuButton({ node }: { node: GraphNode }) {
  const t = useTexts(canvasTexts);
  const open = useContext(MenuContext);
  if (!open) return null;
  return (
    <button
      type="button"
      className="box-menu plain nodrag nopan"
      aria-haspopup="menu"
      aria-label={t.menuOf(visible(node.name || node.id))}
      // The box around it is chosen by a click, and by Enter.
      onKeyDown={(event) => {
        if (!asksForMenu(event)) event.stopPropagation();
      }}
      onClick={(event) => {
        event.stopPropagation();
        open(node.address, placeBelow(event.currentTarget));
      }}
    >
      <span aria-hidden="true">⋯</span>
    </button>
  );
}

export function asksForMenu(event: KeyboardEvent): boolean {
  return event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey);
}

/** Where the pointer is; a key has none. */
export function placeOf(event: MouseEvent, opener: HTMLElement): MenuPlace {
  const box = opener.getBoundingClientRect();
  const { clientX: x, clientY: y } = event;
  const inside = x >= box.left && x <= box.right && y >= box.top && y <= box.bottom;
  return inside ? { x, y, opener } : placeBelow(opener);
}

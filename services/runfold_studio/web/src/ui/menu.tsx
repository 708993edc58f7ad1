/** A menu by the pattern of ARIA: arrows go through it, letters find, Escape leaves, and focus goes back to where it was. */

import { type KeyboardEvent, useEffect, useLayoutEffect, useRef } from "react";
import type { MenuPlace } from "./menu-place";
import "./menu.css";

export interface MenuItem {
  key: string;
  label: string;
  /** Why it cannot be done now; null where it can. */
  refused?: string | null;
  act: () => void;
}

interface Given {
  label: string;
  place: MenuPlace;
  items: readonly MenuItem[];
  /** It was left without a choice. */
  close: () => void;
}

/** Pixels between a menu and the edges of the window. */
const EDGE = 8;

export function Menu({ label, place, items, close }: Given) {
  const menu = useRef<HTMLDivElement>(null);
  const { x, y, opener } = place;
  useLayoutEffect(() => {
    const shown = menu.current;
    if (!shown) return;
    const { width, height } = shown.getBoundingClientRect();
    shown.style.left = `${Math.max(EDGE, Math.min(x, innerWidth - width - EDGE))}px`;
    shown.style.top = `${Math.max(EDGE, Math.min(y, innerHeight - height - EDGE))}px`;
    itemsOf(shown)[0]?.focus();
  }, [x, y]);
  useEffect(() => {
    const isButton = opener.getAttribute("aria-haspopup") === "menu";
    if (isButton) opener.setAttribute("aria-expanded", "true");
    return () => opener.removeAttribute("aria-expanded");
  }, [opener]);
  useEffect(() => {
    const leave = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) close();
    };
    document.addEventListener("pointerdown", leave, true);
    document.addEventListener("wheel", leave, { capture: true, passive: true });
    addEventListener("resize", close);
    return () => {
      document.removeEventListener("pointerdown", leave, true);
      document.removeEventListener("wheel", leave, true);
      removeEventListener("resize", close);
    };
  }, [close]);
  const leave = () => {
    opener.focus();
    close();
  };
  const pressed = (event: KeyboardEvent) => {
    // What is around the menu has keys of its own.
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      leave();
      return;
    }
    const all = itemsOf(menu.current);
    const next = nextOf(all, all.indexOf(document.activeElement as HTMLElement), event);
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div
      ref={menu}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      className="menu"
      onKeyDown={pressed}
      onContextMenu={(event) => event.preventDefault()}
    >
      {items.map((one) => (
        <button
          key={one.key}
          type="button"
          role="menuitem"
          tabIndex={-1}
          aria-disabled={one.refused ? true : undefined}
          onClick={() => {
            if (one.refused) return;
            // What the act opens gives the focus back to where it was.
            opener.focus();
            one.act();
          }}
        >
          {one.label}
          {one.refused && <span className="small"> {one.refused}</span>}
        </button>
      ))}
    </div>
  );
}

function itemsOf(menu: HTMLElement | null): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
}

/** The item that a key leads to; undefined when it leads to none. */
function nextOf(
  all: readonly HTMLElement[],
  now: number,
  event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">,
): HTMLElement | undefined {
  switch (event.key) {
    case "ArrowDown":
      return all[(now + 1) % all.length];
    case "ArrowUp":
      return all[(Math.max(now, 0) - 1 + all.length) % all.length];
    case "Home":
      return all[0];
    case "End":
      return all.at(-1);
  }
  const isLetter = event.key.length === 1 && event.key !== " ";
  if (!isLetter || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  const letter = event.key.toLowerCase();
  return [...all.slice(now + 1), ...all.slice(0, now + 1)].find((one) =>
    one.textContent?.trim().toLowerCase().startsWith(letter),
  );
}

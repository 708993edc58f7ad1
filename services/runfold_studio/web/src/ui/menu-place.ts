/** Where a menu opens. */

/** Where it was asked for, in the window, and what has the focus again after it. */
export interface MenuPlace {
  x: number;
  y: number;
  opener: HTMLElement;
}

export function placeBelow(opener: HTMLElement): MenuPlace {
  const { left, bottom } = opener.getBoundingClientRect();
  return { x: left, y: bottom, opener };
}

/** A box that stays at its end while somebody looks at the end, and where they are while they read further up. */

import { type ReactNode, useEffect, useLayoutEffect, useRef } from "react";

/** Pixels from the end that count as the end. */
const NEAR = 40;

interface Given {
  /** What stands first: another one is put before what is in sight. */
  first: string;
  /** Another one for each conversation and for each thing said: its end is shown. */
  asked: string;
  children: ReactNode;
}

export function Scroll({ first, asked, children }: Given) {
  const box = useRef<HTMLDivElement>(null);
  const inside = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  useEffect(() => {
    if (!box.current || !inside.current) return;
    const outer = box.current;
    const look = new ResizeObserver(() => {
      height.current = outer.scrollHeight;
      if (atEnd.current) outer.scrollTop = outer.scrollHeight;
    });
    look.observe(inside.current);
    look.observe(outer);
    return () => look.disconnect();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another first one moves what is in sight
  useLayoutEffect(() => {
    if (box.current && !atEnd.current && height.current > 0) {
      box.current.scrollTop += box.current.scrollHeight - height.current;
    }
  }, [first]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: who says something looks at what comes of it
  useLayoutEffect(() => {
    atEnd.current = true;
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [asked]);
  return (
    <div
      ref={box}
      className="thread-scroll"
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        atEnd.current = scrollTop + clientHeight > scrollHeight - NEAR;
      }}
    >
      <div ref={inside}>{children}</div>
    </div>
  );
}

/** A value that changes often, shown less often: lists of a busy run need not be drawn with every frame. */

import { useEffect, useRef, useState } from "react";

/**
 * @param milliseconds Between two values that are shown; 0: each is, at once.
 * @returns The newest value, or the one before it until its time comes.
 */
export function useEased<T>(value: T, milliseconds: number): T {
  const [shown, setShown] = useState(value);
  const last = useRef(0);
  useEffect(() => {
    const show = () => {
      last.current = performance.now();
      setShown(value);
    };
    const left = last.current + milliseconds - performance.now();
    if (left <= 0) {
      show();
      return;
    }
    const timer = setTimeout(show, left);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return milliseconds === 0 ? value : shown;
}

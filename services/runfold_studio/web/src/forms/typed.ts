/** Text that is being typed: shown at once, told on after a moment, and not lost when a field goes. */

import { useEffect, useRef, useState } from "react";

/** Milliseconds without a key after which what was typed counts. */
const PAUSE = 250;

export interface Typed {
  text: string;
  type: (text: string) => void;
  /** Tell on what was typed, now. */
  done: () => void;
}

export function useTyped(value: string, tell: (text: string) => void): Typed {
  const [typed, setTyped] = useState<{ of: string; text: string } | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef({ tell, pending: null as string | null });
  latest.current.tell = tell;
  const done = () => {
    clearTimeout(timer.current);
    const { pending } = latest.current;
    latest.current.pending = null;
    if (pending !== null) latest.current.tell(pending);
  };
  const finish = useRef(done);
  finish.current = done;
  useEffect(() => () => finish.current(), []);
  // What came from elsewhere meanwhile goes before what was typed on top of something else.
  const text = typed !== null && (typed.of === value || typed.text === value) ? typed.text : value;
  return {
    text,
    type(next) {
      setTyped({ of: value, text: next });
      latest.current.pending = next;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => finish.current(), PAUSE);
    },
    done,
  };
}

/** Something that can be folded away; whoever opened or closed it decides from then on. */

import { type ReactNode, useState } from "react";

export function Fold({
  title,
  open,
  className,
  aside,
  children,
}: {
  title: string;
  /** How it is at first. */
  open: boolean;
  className?: string;
  /** Controls that stand beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(open);
  return (
    <div className={className}>
      <div className="fold-head">
        <button
          type="button"
          className="plain fold"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span>
          <span className="cut">{title}</span>
        </button>
        {aside}
      </div>
      {isOpen && children}
    </div>
  );
}

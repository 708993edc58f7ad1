/** Something that can be folded away; whoever opened or closed it decides from then on. */

import { type ReactNode, useState } from "react";

export function Fold({
  title,
  open,
  className,
  children,
}: {
  title: ReactNode;
  /** How it is at first. */
  open: boolean;
  className?: string;
  children: ReactNode;
}) {
  const [isOpen, setOpen] = useState(open);
  return (
    <details
      className={className}
      open={isOpen}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{title}</summary>
      {children}
    </details>
  );
}

/** What a finding says, with what to do about it. */

import { visible } from "@/ui/visible";
import type { Finding } from "./session";

export function FindingText({ finding }: { finding: Finding }) {
  const { message, hint } = finding;
  return (
    <span>
      {visible(message)}
      {hint ? ` — ${visible(hint)}` : ""}
    </span>
  );
}

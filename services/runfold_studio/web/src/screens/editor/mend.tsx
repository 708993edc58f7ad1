/** A button that writes the name which was probably meant, as one edit. */

import { mended, mendOf } from "@/graph/mending";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import type { Finding, Session } from "./session";
import { editorTexts } from "./texts";
import { usePart } from "./use-session";

export function Mend({ session, finding }: { session: Session; finding: Finding }) {
  const t = useTexts(editorTexts);
  const value = usePart(session.store, (state) => state.document.value);
  const mend = mendOf(value, finding);
  if (!mend || !finding.suggestion) return null;
  return (
    <button
      type="button"
      className="mend"
      onClick={() => session.edit((document) => mended(document, mend))}
    >
      {t.writeName(visible(finding.suggestion.meant))}
    </button>
  );
}

/** What stands where something is being loaded, is empty, or failed. */

import type { ReactNode } from "react";
import { ApiProblem } from "@/api/client";
import { shellTexts } from "@/app/texts";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import "./status.css";

export function Loading() {
  const t = useTexts(shellTexts);
  return (
    <p className="page muted" role="status">
      {t.loading}
    </p>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <div className="empty">{children}</div>;
}

/** An error as the API says it, with its code. */
export function Problem({ error, again }: { error: unknown; again?: () => void }) {
  const t = useTexts(shellTexts);
  const code = error instanceof ApiProblem ? error.code : "studio.failed";
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="problem" role="alert">
      <strong>{code}</strong> <span>{visible(message)}</span>
      {again && (
        <button type="button" onClick={again}>
          {t.again}
        </button>
      )}
    </div>
  );
}

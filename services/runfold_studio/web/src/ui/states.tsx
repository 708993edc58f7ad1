/** What stands where something is being loaded, is empty, or failed. */

import type { ReactNode } from "react";
import { ApiProblem, Unreachable } from "@/api/client";
import { isNotLoaded } from "@/app/not-loaded";
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
export function Problem({ error, again: given }: { error: unknown; again?: () => void }) {
  const t = useTexts(shellTexts);
  const again = isNotLoaded(error) ? () => location.reload() : given;
  const message = error instanceof Error ? error.message : String(error);
  return (
    <div className="problem" role="alert">
      <strong>{codeOf(error)}</strong> <span>{visible(message)}</span>
      {again && (
        <button type="button" onClick={again}>
          {isNotLoaded(error) ? t.reload : t.again}
        </button>
      )}
    </div>
  );
}

function codeOf(error: unknown): string {
  if (error instanceof ApiProblem || error instanceof Unreachable) return error.code;
  return isNotLoaded(error) ? "studio.not_loaded" : "studio.failed";
}

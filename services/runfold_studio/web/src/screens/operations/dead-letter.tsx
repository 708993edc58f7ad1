/** One dead letter with its body. */

import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { dateTime } from "@/i18n/numbers";
import { useModal } from "@/ui/modal";
import { ShownValue } from "@/ui/shown-value";
import { Loading, Problem } from "@/ui/states";
import { uiTexts } from "@/ui/texts";
import { visible } from "@/ui/visible";
import { deadTexts } from "./dead-texts";

export function DeadLetter({ seq, close }: { seq: number; close: () => void }) {
  const t = useTexts(deadTexts);
  const ui = useTexts(uiTexts);
  const dialog = useRef<HTMLDialogElement>(null);
  useModal(dialog);
  const letter = useQuery({
    queryKey: ["dead", "one", seq],
    queryFn: async () => (await call("get", "/api/dead/{seq}", { path: { seq } })).data,
  });
  const found = letter.data;
  return (
    <dialog ref={dialog} onClose={close}>
      <div className="stack">
        <h2>{t.letter(String(seq))}</h2>
        {letter.isPending && <Loading />}
        {letter.error && <Problem error={letter.error} />}
        {found && (
          <>
            <p className="wrap">
              <strong>{found.code}</strong> {visible(found.reason)}
            </p>
            <p className="muted wrap">
              {dateTime(found.time)} · {t.service} {found.service} · {visible(found.source)}
            </p>
            {!found.whole && <p className="muted">{t.cut}</p>}
            <section aria-label={t.body}>
              <ShownValue value={found.body} name={`dead-${seq}`} />
            </section>
          </>
        )}
        <div className="row">
          <button type="button" onClick={() => dialog.current?.close()}>
            {ui.close}
          </button>
        </div>
      </div>
    </dialog>
  );
}

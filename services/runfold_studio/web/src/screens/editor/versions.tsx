/** The published versions: what each is, how they differ, and the way back to one. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { dateTime } from "@/i18n/numbers";
import { Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { Dialog } from "./dialog";
import { Differences } from "./differences";
import { sourceOf } from "./opening";
import { editorTexts } from "./texts";
import { type Desk, useAction } from "./use-session";

export default function Versions({ desk, close }: { desk: Desk; close: () => void }) {
  const { session } = desk;
  const t = useTexts(editorTexts);
  const action = useAction();
  const [pair, setPair] = useState<[string, string] | null>(null);
  const [wanted, setWanted] = useState<number | null>(null);
  const path = { workflow_id: session.workflowId };
  const list = useQuery({
    queryKey: ["versions", session.workflowId],
    queryFn: async () =>
      (await call("get", "/api/workflows/{workflow_id}/versions", { path })).data.items,
  });
  const restore = async (version: number) => {
    if (!(await desk.draft.flush())) throw new Error(t.unsavedRun);
    await desk.layout.flush();
    await call("post", "/api/workflows/{workflow_id}/restore", {
      path,
      body: { version },
      etag: desk.draft.etag || undefined,
    });
    const [source, layout] = await Promise.all([
      sourceOf(session.workflowId),
      call("get", "/api/workflows/{workflow_id}/layout", { path }),
    ]);
    session.setText(source.text, "", () => layout.data);
    desk.draft.adopt(source.text, source.etag, source.text);
    desk.layout.adopt(layout.data, layout.etag, layout.data);
    close();
  };
  const compare = (from: string, to: string) =>
    action.run(async () => {
      if (to === "draft") await desk.draft.flush();
      setPair([from, to]);
    });
  const all = [...(list.data ?? [])].reverse();
  return (
    <Dialog title={t.versions} close={close} wide>
      {list.isPending && <Loading />}
      {list.error && <Problem error={list.error} />}
      {list.data?.length === 0 && <p className="muted">{t.noVersions}</p>}
      {action.problem !== null && <Problem error={action.problem} />}
      <ul className="versions">
        {all.map((one, index) => (
          <li key={one.version} className="row">
            <strong>{t.runVersion(one.version)}</strong>
            {index === 0 && <span className="badge">{t.newest}</span>}
            <span className="muted">{dateTime(one.published_at)}</span>
            <span className="grow">{visible(one.note)}</span>
            <button type="button" onClick={() => compare(String(one.version), "draft")}>
              {t.compare}
            </button>
            <Before
              older={all[index + 1]}
              compare={(older) => compare(older, String(one.version))}
            />
            <button type="button" onClick={() => setWanted(one.version)}>
              {t.restore}
            </button>
            {wanted === one.version && (
              <p className="row" role="alert">
                {t.restoreSure(one.version)}
                <button
                  type="button"
                  className="primary"
                  disabled={action.busy}
                  onClick={() => action.run(() => restore(one.version))}
                >
                  {t.restore}
                </button>
                <button type="button" onClick={() => setWanted(null)}>
                  {t.cancel}
                </button>
              </p>
            )}
          </li>
        ))}
      </ul>
      {pair && <Differences desk={desk} from={pair[0]} to={pair[1]} />}
    </Dialog>
  );
}

/** Compares a version with the one before it, where there is one: numbers of a deleted workflow are not given again. */
function Before({
  older,
  compare,
}: {
  older: { version: number } | undefined;
  compare: (older: string) => void;
}) {
  const t = useTexts(editorTexts);
  if (!older) return null;
  return (
    <button type="button" onClick={() => compare(String(older.version))}>
      {t.compareBefore}
    </button>
  );
}

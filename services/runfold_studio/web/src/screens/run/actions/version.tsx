/** Which version of the workflow a new run goes on with. */

import { useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { visible } from "@/ui/visible";
import { runTexts } from "../texts";
import { useWorkspace } from "../workspace";
import { actionTexts } from "./texts";

interface Given {
  version: string;
  change: (version: string) => void;
}

/** Characters of what a version says is new in it. */
const NOTE = 60;

export function VersionChoice({ version, change }: Given) {
  const t = useTexts(actionTexts);
  const words = useTexts(runTexts);
  const { moment } = useWorkspace();
  const { workflowId, version: pinned } = moment.state.head;
  const published = useQuery({
    queryKey: ["versions", workflowId],
    retry: false,
    queryFn: async () =>
      (
        await call("get", "/api/workflows/{workflow_id}/versions", {
          path: { workflow_id: workflowId },
        })
      ).data.items,
  });
  const others = [...(published.data ?? [])].reverse().filter((one) => `${one.version}` !== pinned);
  return (
    <label>
      {t.versionChoice}
      <select value={version} onChange={(event) => change(event.target.value)}>
        <option value="">{t.pinned(words.version(pinned))}</option>
        <option value="newest">{t.newest}</option>
        <option value="draft">{t.draft}</option>
        {others.map((one) => (
          <option key={one.version} value={String(one.version)}>
            {words.version(String(one.version))} {visible(one.note.slice(0, NOTE))}
          </option>
        ))}
      </select>
    </label>
  );
}

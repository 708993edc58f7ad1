/** Which version of the workflow a new run goes on with. */

import { useTexts } from "@/i18n/language";
import { runTexts } from "../texts";
import { useWorkspace } from "../workspace";
import { actionTexts } from "./texts";

export function VersionChoice({
  version,
  change,
}: {
  version: string;
  change: (version: string) => void;
}) {
  const t = useTexts(actionTexts);
  const said = useTexts(runTexts);
  const { moment } = useWorkspace();
  return (
    <label>
      {t.versionChoice}
      <select value={version} onChange={(event) => change(event.target.value)}>
        <option value="">{t.pinned(said.version(moment.state.head.version))}</option>
        <option value="newest">{t.newest}</option>
        <option value="draft">{t.draft}</option>
      </select>
    </label>
  );
}

/** Which published version is talked to: the newest, whichever it is, or one of them. */

import { useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { chatTexts } from "./texts";

interface Given {
  workflow: string;
  /** Empty: the newest. */
  version: string;
  choose: (version: string) => void;
}

export function VersionChoice({ workflow, version, choose }: Given) {
  const t = useTexts(chatTexts);
  const { data, error } = useQuery({
    queryKey: ["workflows", "versions", workflow],
    queryFn: async ({ signal }) => {
      const path = { workflow_id: workflow };
      const given = { path, signal };
      return (await call("get", "/api/workflows/{workflow_id}/versions", given)).data.items;
    },
  });
  if (error) return <Problem error={error} />;
  const known = (data ?? []).map((one) => String(one.version)).toReversed();
  const shown = version === "" || known.includes(version) ? known : [version, ...known];
  return (
    <label>
      {t.version}
      <select value={version} onChange={(event) => choose(event.target.value)}>
        <option value="">{t.newest(known[0] ?? "…")}</option>
        {shown.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What a conversation remembers. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { ShownValue } from "@/ui/shown-value";
import { Loading, Problem } from "@/ui/states";
import { chatTexts } from "./texts";
import { conversationVariables } from "./variables";

export function VariablesPanel({ conversation, user }: { conversation: string; user: string }) {
  const t = useTexts(chatTexts);
  const [open, setOpen] = useState(false);
  const { data, error } = useQuery({
    queryKey: ["conversations", user, conversation, "variables"],
    enabled: open,
    queryFn: async ({ signal }) => {
      const path = { conversation_id: conversation };
      const given = { path, query: { user_id: user, limit: 1 }, signal };
      const newest = await call("get", "/api/conversations/{conversation_id}/messages", given);
      const run = newest.data.items.at(-1)?.run_id;
      return run ? conversationVariables(run, signal) : {};
    },
  });
  const entries = Object.entries(data ?? {});
  return (
    <details className="variables" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t.variables}</summary>
      {error && <Problem error={error} />}
      {open && !data && !error && <Loading />}
      {data && entries.length === 0 && <p className="muted">{t.noVariables}</p>}
      <dl>
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd>
              <ShownValue value={value} name={name} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

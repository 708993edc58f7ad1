/** How a chatflow greets who has said nothing yet, and what it suggests to ask. */

import { useQuery } from "@tanstack/react-query";
import { useTexts } from "@/i18n/language";
import { Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { greetingOf } from "./greeting";
import { Spoken } from "./message";
import { chatTexts } from "./texts";

interface Given {
  workflow: string;
  version: string;
  markdown: boolean;
  choose: (question: string) => void;
}

export function Opening({ workflow, version, markdown, choose }: Given) {
  const t = useTexts(chatTexts);
  const { data, error } = useQuery({
    queryKey: ["workflows", "greeting", workflow, version],
    queryFn: ({ signal }) => greetingOf(workflow, version, signal),
  });
  if (error) return <Problem error={error} />;
  if (!data) return <Loading />;
  const { opening, suggested } = data;
  return (
    <div className="opening stack">
      {opening === "" ? (
        <p className="muted">{t.nothingSaid}</p>
      ) : (
        <Spoken text={opening} markdown={markdown} />
      )}
      {suggested.length > 0 && (
        <ul className="suggested" aria-label={t.suggested}>
          {suggested.map((question) => (
            <li key={question}>
              <button type="button" onClick={() => choose(question)}>
                {visible(question)}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

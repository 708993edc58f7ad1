/** A published workflow to talk to, alone on a page that other sites may frame. */

import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { forGood, forTab } from "@/api/kept";
import { newId } from "@/api/new-id";
import { useTexts } from "@/i18n/language";
import { chatflowOf } from "@/screens/chat/chatflows";
import { chatTexts } from "@/screens/chat/texts";
import { Thread } from "@/screens/chat/thread";
import { useMarkdown } from "@/screens/chat/use-markdown";
import { Empty, Loading, Problem } from "@/ui/states";
import { useTitle } from "@/ui/title";
import { visible } from "@/ui/visible";

const USER = "runfold.embed.user";
const CONVERSATION = "runfold.embed.conversation";

/** Who talks here: a name of this browser's own, so that nobody reads what others said. */
function ownUser(): string {
  const known = forGood.get(USER) ?? `embed-${newId()}`;
  forGood.set(USER, known);
  return known;
}

export function EmbedScreen() {
  const t = useTexts(chatTexts);
  const { workflowId } = useParams({ from: "/embed/$workflowId" });
  const { user_id } = useSearch({ from: "/embed/$workflowId" });
  const [own] = useState(ownUser);
  const user = user_id ?? own;
  const name = `${CONVERSATION} ${workflowId} ${user}`;
  const [conversation, setConversation] = useState(() => forTab.get(name) ?? "");
  const [markdown, MarkdownChoice] = useMarkdown();
  const { data, error, refetch } = useQuery({
    queryKey: ["workflows", "chatflow", workflowId, ""],
    queryFn: ({ signal }) => chatflowOf(workflowId, "", signal),
  });
  useTitle(data?.name ?? workflowId);
  const open = (next: string) => {
    forTab.set(name, next);
    setConversation(next);
  };
  if (error) return <Problem error={error} again={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data === null) return <Empty>{t.notTaken}</Empty>;
  return (
    <div className="embed">
      <div className="row spread">
        <h1 className="cut">{visible(data.name)}</h1>
        <div className="row">
          {MarkdownChoice}
          <button type="button" onClick={() => open("")}>
            + {t.begin}
          </button>
        </div>
      </div>
      <Thread
        chatflow={data}
        version=""
        user={user}
        conversation={conversation}
        begun={open}
        markdown={markdown}
        linked={false}
      />
    </div>
  );
}

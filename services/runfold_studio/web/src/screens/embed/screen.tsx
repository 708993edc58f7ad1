/** A published workflow to talk to, alone on a page that other sites may frame. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { forGood, forTab } from "@/api/kept";
import { newId } from "@/api/new-id";
import { useTexts } from "@/i18n/language";
import { chatflowOf } from "@/screens/chat/chatflows";
import { chatTexts } from "@/screens/chat/texts";
import { Thread } from "@/screens/chat/thread";
import { useMarkdown } from "@/screens/chat/use-markdown";
import { Empty, Loading, Problem } from "@/ui/states";

const USER = "runfold.embed.user";
const CONVERSATION = "runfold.embed.conversation.";

/** Who talks here: a name of this browser's own, so that nobody reads what others said. */
function user(): string {
  const known = forGood.get(USER) ?? `embed-${newId()}`;
  forGood.set(USER, known);
  return known;
}

export function EmbedScreen() {
  const t = useTexts(chatTexts);
  const { workflowId } = useParams({ from: "/embed/$workflowId" });
  const [who] = useState(user);
  const name = CONVERSATION + workflowId;
  const [conversation, setConversation] = useState(() => forTab.get(name) ?? "");
  const [markdown, MarkdownChoice] = useMarkdown();
  const { data, error } = useQuery({
    queryKey: ["workflows", "chatflow", workflowId],
    queryFn: ({ signal }) => chatflowOf(workflowId, signal),
  });
  const open = (next: string) => {
    forTab.set(name, next);
    setConversation(next);
  };
  if (error) return <Problem error={error} />;
  if (data === undefined) return <Loading />;
  if (data === null) return <Empty>{t.none}</Empty>;
  return (
    <div className="embed">
      <div className="row spread">
        <h1>{data.name}</h1>
        <div className="row">
          {MarkdownChoice}
          <button type="button" onClick={() => open("")}>
            + {t.begin}
          </button>
        </div>
      </div>
      <Thread
        chatflow={data}
        user={who}
        conversation={conversation}
        begun={open}
        markdown={markdown}
        linked={false}
      />
    </div>
  );
}

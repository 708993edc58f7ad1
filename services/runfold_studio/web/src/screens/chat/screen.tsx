/** Talk to a published workflow: its conversations, what was said in them, and what they remember. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import { Empty, Loading, Problem } from "@/ui/states";
import { type Chatflow, chatflows } from "./chatflows";
import { ConversationList } from "./conversation-list";
import { chatTexts } from "./texts";
import { Thread } from "./thread";
import { useMarkdown } from "./use-markdown";
import { VariablesPanel } from "./variables-panel";

export function ChatScreen() {
  const t = useTexts(chatTexts);
  const { workflow_id } = useSearch({ from: "/chat" });
  const { data, error, refetch } = useQuery({
    queryKey: ["workflows", "chatflows"],
    staleTime: 60_000,
    queryFn: ({ signal }) => chatflows(signal),
  });
  if (error) return <Problem error={error} again={() => void refetch()} />;
  if (!data) return <Loading />;
  const chosen = data.find((one) => one.id === workflow_id) ?? data[0];
  if (!chosen) {
    return (
      <Empty>
        <h2>{t.none}</h2>
        <p>{t.noneHelp}</p>
      </Empty>
    );
  }
  return <Chat chatflows={data} chosen={chosen} />;
}

function Chat({ chatflows, chosen }: { chatflows: Chatflow[]; chosen: Chatflow }) {
  const t = useTexts(chatTexts);
  const { conversation_id = "", user_id = "" } = useSearch({ from: "/chat" });
  const navigate = useNavigate({ from: "/chat" });
  const [markdown, MarkdownChoice] = useMarkdown();
  const who = user_id ? { user_id } : {};
  const open = (workflow_id: string, conversation = "") =>
    void navigate({
      search: { workflow_id, ...who, ...(conversation && { conversation_id: conversation }) },
    });
  return (
    <div className="chat" data-open={conversation_id !== ""}>
      <aside className="stack chat-list">
        <h1>{t.title}</h1>
        <label>
          {t.workflow}
          <select value={chosen.id} onChange={(event) => open(event.target.value)}>
            {chatflows.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t.user}
          <input
            key={user_id}
            defaultValue={user_id}
            placeholder={t.nobody}
            onBlur={(event) => {
              const user = event.target.value.trim();
              if (user === user_id) return;
              void navigate({ search: { workflow_id: chosen.id, ...(user && { user_id: user }) } });
            }}
          />
        </label>
        <button type="button" onClick={() => open(chosen.id)}>
          + {t.begin}
        </button>
        <section aria-label={t.conversations}>
          <ConversationList
            workflow={chosen.id}
            user={user_id}
            chosen={conversation_id}
            left={() => open(chosen.id)}
          />
        </section>
        <Link to="/embed/$workflowId" params={{ workflowId: chosen.id }} className="small">
          {t.embed}
        </Link>
      </aside>
      <section className="chat-pane">
        <div className="row spread chat-head">
          <button type="button" className="only-narrow" onClick={() => open(chosen.id)}>
            ← {t.list}
          </button>
          <h2>{chosen.name}</h2>
          {MarkdownChoice}
        </div>
        {conversation_id && (
          <VariablesPanel key={conversation_id} conversation={conversation_id} user={user_id} />
        )}
        <Thread
          key={`${chosen.id} ${user_id}`}
          chatflow={chosen}
          user={user_id}
          conversation={conversation_id}
          begun={(conversation) => open(chosen.id, conversation)}
          markdown={markdown}
          linked
        />
      </section>
    </div>
  );
}

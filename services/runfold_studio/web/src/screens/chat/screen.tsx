/** Talk to a published workflow: its conversations, what was said in them, and what they remember. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import { Empty, Loading, Problem } from "@/ui/states";
import { useTitle } from "@/ui/title";
import { visible } from "@/ui/visible";
import { type Choice, chatflowOf, chatflows } from "./chatflows";
import { ConversationList } from "./conversation-list";
import { chatTexts } from "./texts";
import { Thread } from "./thread";
import { useMarkdown } from "./use-markdown";
import { VariablesPanel } from "./variables-panel";
import { VersionChoice } from "./version-choice";

export function ChatScreen() {
  const t = useTexts(chatTexts);
  useTitle(t.title);
  const { workflow_id } = useSearch({ from: "/chat" });
  const { data, error, refetch } = useQuery({
    queryKey: ["workflows", "chatflows"],
    staleTime: 60_000,
    queryFn: ({ signal }) => chatflows(signal),
  });
  // Who comes with a workflow in the address need not wait for the list of all.
  const chosen = workflow_id ?? data?.[0]?.id;
  if (chosen) return <Chat choices={data ?? []} id={chosen} />;
  if (error) return <Problem error={error} again={() => void refetch()} />;
  if (!data) return <Loading />;
  return (
    <Empty>
      <h2>{t.none}</h2>
      <p>{t.noneHelp}</p>
    </Empty>
  );
}

function Chat({ choices, id }: { choices: readonly Choice[]; id: string }) {
  const t = useTexts(chatTexts);
  const { conversation_id = "", user_id = "", version = "" } = useSearch({ from: "/chat" });
  const navigate = useNavigate({ from: "/chat" });
  const who = user_id ? { user_id } : {};
  const which = version ? { version } : {};
  const open = (conversation = "") =>
    void navigate({
      search: {
        workflow_id: id,
        ...who,
        ...which,
        ...(conversation && { conversation_id: conversation }),
      },
    });
  const offered = choices.some((one) => one.id === id) ? choices : [{ id, name: id }, ...choices];
  return (
    <div className="chat" data-open={conversation_id !== ""}>
      <aside className="stack chat-list">
        <h1>{t.title}</h1>
        <label>
          {t.workflow}
          <select
            value={id}
            onChange={({ target }) =>
              void navigate({ search: { workflow_id: target.value, ...who } })
            }
          >
            {offered.map((one) => (
              <option key={one.id} value={one.id}>
                {visible(one.name)}
              </option>
            ))}
          </select>
        </label>
        <VersionChoice
          workflow={id}
          version={version}
          choose={(next) =>
            void navigate({
              search: ({ version: _, ...others }) => ({
                ...others,
                ...(next && { version: next }),
              }),
            })
          }
        />
        <label>
          {t.user}
          <input
            key={user_id}
            defaultValue={user_id}
            placeholder={t.nobody}
            onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
            onBlur={(event) => {
              const user = event.target.value.trim();
              if (user === user_id) return;
              void navigate({
                search: { workflow_id: id, ...which, ...(user && { user_id: user }) },
              });
            }}
          />
        </label>
        <button type="button" onClick={() => open()}>
          + {t.begin}
        </button>
        <section aria-label={t.conversations}>
          <ConversationList
            workflow={id}
            user={user_id}
            chosen={conversation_id}
            left={() => open()}
          />
        </section>
        <a href={`/studio/embed/${encodeURIComponent(id)}`} target="_blank" rel="noreferrer">
          {t.embed}
        </a>
      </aside>
      <ChatPane id={id} open={open} />
    </div>
  );
}

function ChatPane({ id, open }: { id: string; open: (conversation?: string) => void }) {
  const t = useTexts(chatTexts);
  const { conversation_id = "", user_id = "", version = "" } = useSearch({ from: "/chat" });
  const [markdown, MarkdownChoice] = useMarkdown();
  const { data, error, refetch } = useQuery({
    queryKey: ["workflows", "chatflow", id, version],
    queryFn: ({ signal }) => chatflowOf(id, version, signal),
  });
  return (
    <section className="chat-pane">
      <div className="row spread chat-head">
        <button type="button" className="only-narrow" onClick={() => open()}>
          ← {t.list}
        </button>
        <h2 className="cut">
          <Link to="/w/$workflowId" params={{ workflowId: id }}>
            {visible(data?.name ?? id)}
          </Link>
        </h2>
        {MarkdownChoice}
      </div>
      {error && <Problem error={error} again={() => void refetch()} />}
      {data === undefined && !error && <Loading />}
      {data === null && <Empty>{t.notTaken}</Empty>}
      {conversation_id && (
        <VariablesPanel key={conversation_id} conversation={conversation_id} user={user_id} />
      )}
      {data && (
        <Thread
          key={`${id} ${user_id}`}
          chatflow={data}
          version={version}
          user={user_id}
          conversation={conversation_id}
          begun={open}
          markdown={markdown}
          linked
        />
      )}
    </section>
  );
}

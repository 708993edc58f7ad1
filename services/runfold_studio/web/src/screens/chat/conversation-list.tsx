/** The conversations of a user with a workflow, and what is done to them. */

import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { ago } from "@/i18n/numbers";
import { Confirm } from "@/ui/confirm";
import { Paged } from "@/ui/paged";
import { visible } from "@/ui/visible";
import { type Conversation, clear, remove, rename, workflowOf } from "./conversations";
import { chatTexts } from "./texts";

const PAGE = 50;

interface Given {
  workflow: string;
  user: string;
  chosen: string;
  /** Called when the chosen one is gone. */
  left: () => void;
}

export function ConversationList({ workflow, user, chosen, left }: Given) {
  const t = useTexts(chatTexts);
  const queries = useQueryClient();
  const [renaming, setRenaming] = useState<Conversation | null>(null);
  const [removing, setRemoving] = useState<Conversation | null>(null);
  const [clearing, setClearing] = useState<Conversation | null>(null);
  /** What is shown of it goes at once, and what comes instead is read anew. */
  const cleared = () => void queries.resetQueries({ queryKey: ["conversations", user] });
  const refresh = () => void queries.invalidateQueries({ queryKey: ["conversations"] });
  return (
    <>
      <Paged
        queryKey={["conversations", user, "list"]}
        read={async (cursor, signal) => {
          const query = { user_id: user, cursor, limit: PAGE };
          return (await call("get", "/api/conversations", { query, signal })).data;
        }}
      >
        {(all) => {
          const ours = all.filter((one) => ["", workflow].includes(workflowOf(one)));
          if (ours.length === 0) return <p className="muted">{t.noConversations}</p>;
          return (
            <ul className="conversations">
              {ours.map((one) => (
                <li key={one.conversation_id} data-chosen={one.conversation_id === chosen}>
                  <Link
                    to="/chat"
                    search={(before) => ({
                      ...before,
                      workflow_id: workflow,
                      conversation_id: one.conversation_id,
                    })}
                    aria-current={one.conversation_id === chosen ? "true" : undefined}
                    activeProps={{}}
                  >
                    <span className="cut">{visible(one.name) || t.unnamed}</span>
                    <span className="muted small">{ago(one.updated_at)}</span>
                  </Link>
                  {one.conversation_id === chosen && (
                    <span className="row">
                      <button type="button" className="plain" onClick={() => setRenaming(one)}>
                        {t.rename}
                      </button>
                      <button type="button" className="plain" onClick={() => setClearing(one)}>
                        {t.clear}
                      </button>
                      <button type="button" className="plain" onClick={() => setRemoving(one)}>
                        {t.remove}
                      </button>
                    </span>
                  )}
                </li>
              ))}
            </ul>
          );
        }}
      </Paged>
      {renaming && (
        <Renaming
          conversation={renaming}
          close={() => {
            setRenaming(null);
            refresh();
          }}
        />
      )}
      {clearing && (
        <Confirm
          title={t.clearTitle(visible(clearing.name) || t.unnamed)}
          go={t.clear}
          danger
          act={async () => {
            await clear(clearing);
            return undefined;
          }}
          close={(done) => {
            setClearing(null);
            if (done) cleared();
          }}
        >
          <p>{t.clearHelp}</p>
        </Confirm>
      )}
      {removing && (
        <Confirm
          title={t.removeTitle(visible(removing.name) || t.unnamed)}
          go={t.remove}
          danger
          act={async () => {
            await remove(removing);
            return undefined;
          }}
          close={(done) => {
            setRemoving(null);
            if (!done) return;
            left();
            refresh();
          }}
        >
          <p>{t.removeHelp}</p>
        </Confirm>
      )}
    </>
  );
}

function Renaming({ conversation, close }: { conversation: Conversation; close: () => void }) {
  const t = useTexts(chatTexts);
  const [name, setName] = useState(conversation.name);
  return (
    <Confirm
      title={t.renameTitle}
      go={t.rename}
      act={async () => {
        await rename(conversation, name);
        return undefined;
      }}
      close={close}
    >
      <label>
        {t.name} <input value={name} onChange={(event) => setName(event.target.value)} />
      </label>
    </Confirm>
  );
}

/** A conversation: what was said, what is being said, and where one says more. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { call } from "@/api/client";
import { newId } from "@/api/new-id";
import { useTexts } from "@/i18n/language";
import { Loading, Problem } from "@/ui/states";
import type { Chatflow } from "./chatflows";
import { Composer, type Draft, NOTHING, type Written } from "./composer";
import { begin, type Message, say } from "./conversations";
import { ShownExchange } from "./exchange";
import { exchangesOf, type Pending } from "./exchanges";
import { Opening } from "./opening";
import { Scroll } from "./scroll";
import { chatTexts } from "./texts";
import "./chat.css";

const PAGE = 50;
/** Exchanges, from the newest on, whose runs are followed: a browser has few connections. */
const FOLLOWED = 2;

interface Given {
  chatflow: Chatflow;
  /** Empty: the newest published one. */
  version: string;
  user: string;
  /** Empty: none is begun yet. */
  conversation: string;
  begun: (conversation: string) => void;
  markdown: boolean;
  linked: boolean;
}

export function Thread(given: Given) {
  const { chatflow, user, conversation, markdown, linked } = given;
  const t = useTexts(chatTexts);
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(NOTHING);
  const field = useRef<HTMLTextAreaElement>(null);
  const write = (next: Draft) => {
    setDraft(next);
    field.current?.focus();
  };
  const list = useMessages(conversation, user);
  const messages = useMemo(
    () => list.data?.pages.toReversed().flatMap((page) => page.items) ?? [],
    [list.data],
  );
  const { pending, refused, send } = useSending(given, messages);
  const here = pending.filter((one) => one.conversation === conversation);
  const exchanges = exchangesOf(messages, conversation === "" ? [] : here);
  const ended = () => void queries.invalidateQueries({ queryKey: ["conversations", user] });
  return (
    <div className="thread">
      <Scroll first={messages[0]?.message_id ?? ""} asked={`${conversation} ${here.length}`}>
        {list.hasNextPage && (
          <button
            type="button"
            disabled={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t.older}
          </button>
        )}
        {list.isLoading && here.length === 0 && <Loading />}
        {list.error && <Problem error={list.error} again={() => void list.refetch()} />}
        {!list.isLoading && !list.error && exchanges.length === 0 && (
          <Opening
            workflow={chatflow.id}
            version={given.version}
            markdown={markdown}
            choose={(query) => write({ ...draft, query })}
          />
        )}
        <ol className="messages" aria-label={t.messages}>
          {exchanges.map((exchange, index) => (
            <ShownExchange
              key={exchange.key}
              exchange={exchange}
              markdown={markdown}
              linked={linked}
              recent={index >= exchanges.length - FOLLOWED}
              ended={ended}
              reuse={write}
            />
          ))}
        </ol>
      </Scroll>
      {refused !== null && <Problem error={refused} />}
      <Composer
        key={chatflow.id}
        inputs={chatflow.inputs}
        draft={draft}
        change={setDraft}
        field={field}
        send={send}
      />
    </div>
  );
}

/** Sending, and what was sent and is in no list of messages yet. */
function useSending(given: Given, messages: readonly Message[]) {
  const { chatflow, version, user, conversation, begun } = given;
  const queries = useQueryClient();
  const [pending, setPending] = useState<Pending[]>([]);
  const [refused, setRefused] = useState<unknown>(null);
  // What is in the list once is shown by it alone: also when it is removed from there.
  useEffect(() => {
    const listed = new Set(messages.map((one) => one.run_id));
    setPending((before) =>
      before.some((one) => listed.has(one.run))
        ? before.filter((one) => !listed.has(one.run))
        : before,
    );
  }, [messages]);
  /** A conversation that was begun for something that could not be sent. */
  const fresh = useRef("");
  /** What was sent last, and by which key: sent again because its answer was lost, it counts once. */
  const sent = useRef({ body: "", key: "" });
  const send = async ({ query, files, inputs }: Written): Promise<boolean> => {
    setRefused(null);
    const workflow = chatflow.id;
    try {
      const into = conversation || fresh.current || (await begin({ workflow, user, query }));
      if (!conversation) fresh.current = into;
      const values = chatflow.asksQuery ? { ...inputs, query } : inputs;
      const said = {
        workflow,
        version,
        user,
        conversation: into,
        query,
        inputs: values,
        files: [...files],
      };
      const body = JSON.stringify(said);
      if (sent.current.body !== body) sent.current = { body, key: newId() };
      const run = await say(said, sent.current.key);
      sent.current = { body: "", key: "" };
      fresh.current = "";
      setPending((before) => [...before, { conversation: into, run, query, files }]);
      if (into !== conversation) {
        begun(into);
        void queries.invalidateQueries({ queryKey: ["conversations", user, "list"] });
      }
      return true;
    } catch (problem) {
      setRefused(problem);
      return false;
    }
  };
  return { pending, refused, send };
}

function useMessages(conversation: string, user: string) {
  return useInfiniteQuery({
    queryKey: ["conversations", user, conversation, "messages"],
    enabled: conversation !== "",
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const path = { conversation_id: conversation };
      const query = { user_id: user, limit: PAGE, before: pageParam };
      const given = { path, query, signal };
      return (await call("get", "/api/conversations/{conversation_id}/messages", given)).data;
    },
    getNextPageParam: (page) => (page.has_more ? page.first_id : undefined),
  });
}

/** A conversation: what was said, what is being said, and where one says more. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import type { Chatflow } from "./chatflows";
import { Composer, type Written } from "./composer";
import { type Message, say, unanswered } from "./conversations";
import { LiveAnswer } from "./live-answer";
import { Bubble, ShownMessage, Spoken } from "./message";
import { chatTexts } from "./texts";
import { type LiveTurn, useTurn } from "./use-turn";
import "./chat.css";

const PAGE = 50;

interface Said {
  conversation: string;
  run: string;
  query: string;
}

interface Given {
  chatflow: Chatflow;
  user: string;
  /** Empty: none is begun yet. */
  conversation: string;
  begun: (conversation: string) => void;
  markdown: boolean;
  linked: boolean;
}

export function Thread({ chatflow, user, conversation, begun, markdown, linked }: Given) {
  const t = useTexts(chatTexts);
  const queries = useQueryClient();
  const [refused, setRefused] = useState<unknown>(null);
  /** What was said just now, until the list of messages has it. */
  const [kept, setSaid] = useState<Said | null>(null);
  const said = kept?.conversation === conversation ? kept : null;
  /** What runs said that this page followed: it has more than their messages. */
  const [turns, setTurns] = useState<ReadonlyMap<string, LiveTurn>>(new Map());
  const list = useMessages(conversation, user);
  const messages = list.data?.pages.toReversed().flatMap((page) => page.items) ?? [];
  const open = unanswered(messages);
  const run = said?.run ?? (turns.has(open) ? "" : open);
  const ended = useCallback(
    async (turn: LiveTurn) => {
      setTurns((before) => new Map(before).set(turn.run, turn));
      await queries.invalidateQueries({ queryKey: ["conversations"] });
      setSaid((before) => (before?.run === turn.run ? null : before));
    },
    [queries],
  );
  const live = useTurn(run, ended);
  const send = async ({ query, files, inputs }: Written): Promise<boolean> => {
    setRefused(null);
    try {
      const begin = { workflow: chatflow.id, user, conversation, query, inputs, files };
      const answer = await say(begin);
      setSaid({ ...answer, query });
      if (answer.conversation !== conversation) begun(answer.conversation);
      return true;
    } catch (problem) {
      setRefused(problem);
      return false;
    }
  };
  const stop = async () => {
    try {
      await call("post", "/api/runs/{run_id}/cancel", { path: { run_id: run } });
    } catch (problem) {
      setRefused(problem);
    }
  };
  const listed = said !== null && messages.some((one) => one.run_id === said.run);
  const lost = open !== "" && said === null ? turns.get(open) : undefined;
  return (
    <div className="thread">
      <Scroll watch={`${messages.length} ${live?.text.length ?? 0}`}>
        {list.hasNextPage && (
          <button type="button" onClick={() => void list.fetchNextPage()}>
            {t.older}
          </button>
        )}
        {list.error && <Problem error={list.error} again={() => void list.refetch()} />}
        <ol className="messages">
          {messages.map((message) => (
            <ShownMessage
              key={message.message_id}
              message={message}
              markdown={markdown}
              turn={turns.get(message.run_id)}
              linked={linked}
            />
          ))}
          {said && !listed && (
            <Bubble from="user">
              <Spoken text={said.query} markdown={false} />
            </Bubble>
          )}
          {live && !answered(messages, live.run) && (
            <LiveAnswer turn={live} markdown={markdown} linked={linked} />
          )}
          {!live && lost && <LiveAnswer turn={lost} markdown={markdown} linked={linked} />}
        </ol>
      </Scroll>
      {refused !== null && <Problem error={refused} />}
      <Composer
        key={chatflow.id}
        inputs={chatflow.inputs}
        busy={run !== "" && (live === null || isUnderWay(live))}
        send={send}
        stop={() => void stop()}
      />
    </div>
  );
}

function isUnderWay(turn: LiveTurn): boolean {
  return turn.status === "" && turn.refused === null;
}

function answered(messages: readonly Message[], run: string): boolean {
  return messages.some((one) => one.role === "assistant" && one.run_id === run);
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

/** Stays at the end while somebody looks at the end, and where it is while they read further up. */
function Scroll({ watch, children }: { watch: string; children: React.ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is watched is what makes the box longer
  useEffect(() => {
    if (box.current && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [watch]);
  return (
    <div
      ref={box}
      className="thread-scroll"
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        atEnd.current = scrollTop + clientHeight > scrollHeight - 40;
      }}
    >
      {children}
    </div>
  );
}

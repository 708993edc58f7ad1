/** The run that this one goes on from, and all that go on from it: forks and retries as a tree. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { useTexts } from "@/i18n/language";
import { dateTime } from "@/i18n/numbers";
import { Loading, Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import { inOrder } from "./family-order";
import { familyTexts } from "./family-texts";
import { useWorkspace } from "./workspace";

type Member = components["schemas"]["FamilyRun"];

export default function Family() {
  const { runId } = useWorkspace();
  return runId === null ? null : <Tree runId={runId} />;
}

function Tree({ runId }: { runId: string }) {
  const t = useTexts(familyTexts);
  const family = useInfiniteQuery({
    queryKey: ["run", runId, "family"],
    initialPageParam: "",
    queryFn: async ({ pageParam }) =>
      (
        await call("get", "/api/runs/{run_id}/family", {
          path: { run_id: runId },
          query: { cursor: pageParam },
        })
      ).data,
    getNextPageParam: (page) => page.next_cursor || undefined,
  });
  if (family.isPending) return <Loading />;
  if (family.error) return <Problem error={family.error} again={() => void family.refetch()} />;
  const members = family.data.pages.flatMap((page) => page.items);
  if (members.length < 2) return <p className="muted">{t.alone}</p>;
  return (
    <div className="stack">
      <ul className="family">
        {inOrder(members).map(({ member, depth }) => (
          <li key={member.run_id} style={{ paddingLeft: depth * 22 }}>
            <OneMember member={member} isThis={member.run_id === runId} runId={runId} />
          </li>
        ))}
      </ul>
      {family.hasNextPage && (
        <button type="button" onClick={() => void family.fetchNextPage()}>
          {t.more}
        </button>
      )}
    </div>
  );
}

function OneMember({ member, isThis, runId }: { member: Member; isThis: boolean; runId: string }) {
  const t = useTexts(familyTexts);
  return (
    <div className="row">
      {member.kind && (
        <span className="muted">
          {member.kind === "retry" ? t.retry : t.fork}{" "}
          {member.from_node ? t.from(member.from_node) : t.at(String(member.at ?? ""))}
        </span>
      )}
      {isThis ? (
        <strong className="mono">{member.run_id.slice(0, 13)}</strong>
      ) : (
        <Link to="/r/$runId" params={{ runId: member.run_id }} search={{}} className="mono">
          {member.run_id.slice(0, 13)}
        </Link>
      )}
      <Status status={member.status} />
      <span className="muted">{dateTime(member.started_at)}</span>
      {isThis ? (
        <span className="muted">{t.thisOne}</span>
      ) : (
        <Link to="/diff/$left/$right" params={{ left: member.run_id, right: runId }}>
          {t.compare}
        </Link>
      )}
    </div>
  );
}

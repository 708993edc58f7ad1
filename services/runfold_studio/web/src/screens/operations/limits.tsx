/** How much may be at a time, how much of it is in use, and what waits. */

import { Link } from "@tanstack/react-router";
import { useTexts } from "@/i18n/language";
import { ago, count, dateTime, duration } from "@/i18n/numbers";
import { DataTable } from "@/ui/data-table";
import { visible } from "@/ui/visible";
import "@/ui/status.css";
import { limitTexts } from "./limit-texts";
import { Standing } from "./standing";
import type { Operations } from "./use-operations";

type Turns = Operations["rate_limits"][number];

export function LimitsTab() {
  const t = useTexts(limitTexts);
  return (
    <Standing>
      {({ groups, limits, slots, rate_limits }) => (
        <>
          <h2>{t.groups}</h2>
          <Groups groups={groups} />
          <h2>{t.runs}</h2>
          <DataTable
            caption={t.runs}
            rows={limits}
            keyOf={(one) => JSON.stringify([one.workflow_id, one.key])}
            none={t.noRuns}
            columns={[
              { head: t.workflow, cell: (one) => <Workflow name={one.workflow_id} /> },
              { head: t.key, className: "wrap", cell: (one) => visible(one.key) },
              { head: t.inUse, cell: (one) => <Used used={one.holding} limit={one.limit} /> },
              waiting(t.waiting),
            ]}
          />
          <h2>{t.nodes}</h2>
          <DataTable
            caption={t.nodes}
            rows={slots}
            keyOf={(one) => one.id}
            none={t.noNodes}
            columns={[
              { head: t.node, cell: (one) => <Node workflow={one.workflow_id} node={one.node} /> },
              { head: t.inUse, cell: (one) => <Used used={one.holding} limit={one.limit} /> },
              waiting(t.waiting),
            ]}
          />
          <h2>{t.calls}</h2>
          <Calls turns={rate_limits} />
        </>
      )}
    </Standing>
  );
}

function Groups({ groups }: { groups: Operations["groups"] }) {
  const t = useTexts(limitTexts);
  return (
    <DataTable
      caption={t.groups}
      rows={groups}
      keyOf={(group) => group.group}
      none={t.noGroups}
      columns={[
        { head: t.group, cell: (group) => visible(group.group) },
        { head: t.inHand, cell: (group) => <Used used={group.in_flight} limit={group.limit} /> },
        {
          head: t.slots,
          cell: ({ executors }) =>
            executors.length > 0 && (
              <Used
                used={executors.reduce((sum, one) => sum + one.busy, 0)}
                limit={executors.reduce((sum, one) => sum + one.slots, 0)}
              />
            ),
        },
        { head: t.waiting, className: "number", cell: (group) => count(group.pending) },
      ]}
    />
  );
}

function Calls({ turns }: { turns: Turns[] }) {
  const t = useTexts(limitTexts);
  return (
    <DataTable
      caption={t.calls}
      rows={turns}
      keyOf={(one) => one.id}
      none={t.noCalls}
      columns={[
        {
          head: t.node,
          className: "wrap",
          cell: (one) => (
            <>
              <Node workflow={one.workflow_id} node={one.node} />
              {one.key && <div className="mono muted">{visible(one.key)}</div>}
            </>
          ),
        },
        {
          head: t.rule,
          className: "hide-narrow",
          cell: (one) => (
            <>
              {t.per(...written(one))} <div className="muted">{t[one.algorithm]}</div>
            </>
          ),
        },
        { head: t.inUse, cell: (one) => <Used used={one.used} limit={one.capacity} /> },
        waiting(t.waiting),
        {
          head: t.next,
          cell: (one) =>
            one.next_at * 1000 <= Date.now() ? (
              t.now
            ) : (
              <span title={dateTime(one.next_at)}>{ago(one.next_at)}</span>
            ),
        },
      ]}
    />
  );
}

/** Of a rate limit, how many calls may begin in what time. */
export function written({ rate, per }: Pick<Turns, "rate" | "per">): [string, string] {
  const calls = rate < 1 ? String(Number(rate.toPrecision(3))) : count(rate);
  if (per < 60) return [calls, `${Number(per.toPrecision(3))} s`];
  if (per % 3600 === 0) return [calls, `${per / 3600} h`];
  return [calls, per % 60 === 0 ? `${per / 60} min` : duration(per)];
}

function waiting(head: string) {
  return {
    head,
    className: "number",
    cell: (one: { waiting: number }) => count(one.waiting),
  };
}

function Workflow({ name }: { name: string }) {
  return (
    <Link to="/w/$workflowId" params={{ workflowId: name }}>
      {visible(name)}
    </Link>
  );
}

function Node({ workflow, node }: { workflow: string; node: string }) {
  return (
    <>
      <Workflow name={workflow} /> <span className="mono muted">{visible(node)}</span>
    </>
  );
}

/** So much of so much; a number alone where there is no limit. */
function Used({ used, limit }: { used: number; limit: number | null }) {
  const t = useTexts(limitTexts);
  if (limit === null) return count(used);
  const isFull = used >= limit;
  return (
    <span className={isFull ? "status tone-warn" : undefined}>
      {isFull && <span aria-hidden="true">● </span>}
      {t.of(count(used), count(limit))}
      {isFull && <span className="hidden-text"> {t.full}</span>}
    </span>
  );
}

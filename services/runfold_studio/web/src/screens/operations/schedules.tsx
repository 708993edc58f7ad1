/** Workflows that run by the clock: when next, and the means to pause them or run them now. */

import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useChanges } from "@/api/changes";
import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { useTexts } from "@/i18n/language";
import { ago, dateTime, dateTimeIn } from "@/i18n/numbers";
import { Confirm } from "@/ui/confirm";
import { DataTable } from "@/ui/data-table";
import { Fold } from "@/ui/fold";
import { Paged } from "@/ui/paged";
import { Problem } from "@/ui/states";
import { Status } from "@/ui/status";
import { visible } from "@/ui/visible";
import { scheduleTexts } from "./schedule-texts";

type Schedule = components["schemas"]["ScheduleDocument"];
type Unreadable = components["schemas"]["UnreadableSchedules"];

const PAGE = 50;

export function SchedulesTab() {
  const t = useTexts(scheduleTexts);
  const queries = useQueryClient();
  const [pausing, setPausing] = useState("");
  const [begun, setBegun] = useState("");
  const [refused, setRefused] = useState<unknown>(null);
  const [unreadable, setUnreadable] = useState<Unreadable[]>([]);
  const refresh = () => void queries.invalidateQueries({ queryKey: ["schedules"] });
  useChanges(["workflow"], refresh, 2000);
  const act = async (what: () => Promise<unknown>) => {
    setRefused(null);
    setBegun("");
    try {
      await what();
      refresh();
    } catch (problem) {
      setRefused(problem);
    }
  };
  const resume = (workflow: string) =>
    act(() =>
      call("post", "/api/schedules/{workflow_id}/resume", { path: { workflow_id: workflow } }),
    );
  const run = ({ workflow_id, id: schedule_id }: Schedule) =>
    act(async () => {
      const path = { workflow_id, schedule_id };
      const answer = await call("post", "/api/schedules/{workflow_id}/{schedule_id}/run", { path });
      setBegun(answer.data.run_id);
    });
  return (
    <>
      {refused !== null && <Problem error={refused} />}
      {begun && (
        <p role="status">
          {t.begun}{" "}
          <Link to="/r/$runId" params={{ runId: begun }} className="mono">
            {begun}
          </Link>
        </p>
      )}
      <Paged
        queryKey={["schedules"]}
        read={async (cursor, signal) => {
          const page = (
            await call("get", "/api/schedules", { query: { cursor, limit: PAGE }, signal })
          ).data;
          setUnreadable(page.unreadable);
          return page;
        }}
      >
        {(schedules) => (
          <Schedules
            schedules={schedules}
            pause={setPausing}
            resume={(workflow) => void resume(workflow)}
            run={(schedule) => void run(schedule)}
          />
        )}
      </Paged>
      {unreadable.length > 0 && (
        <section>
          <p>{t.unreadable}</p>
          <ul>
            {unreadable.map((one) => (
              <li key={one.workflow_id}>
                {one.workflow_id}: <strong>{one.code}</strong> {one.reason}
              </li>
            ))}
          </ul>
        </section>
      )}
      {pausing && (
        <Pausing
          workflow={pausing}
          close={(done) => {
            setPausing("");
            if (done) refresh();
          }}
        />
      )}
    </>
  );
}

function Pausing({ workflow, close }: { workflow: string; close: (done: boolean) => void }) {
  const t = useTexts(scheduleTexts);
  const [reason, setReason] = useState("");
  return (
    <Confirm
      title={t.pauseTitle(workflow)}
      go={t.pause}
      act={async () => {
        const given = { path: { workflow_id: workflow }, query: { reason } };
        await call("post", "/api/schedules/{workflow_id}/pause", given);
        return undefined;
      }}
      close={close}
    >
      <p>{t.pauseHelp}</p>
      <label>
        {t.reason} <input value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
    </Confirm>
  );
}

interface SchedulesGiven {
  schedules: Schedule[];
  pause: (workflow: string) => void;
  resume: (workflow: string) => void;
  run: (schedule: Schedule) => void;
}

function Schedules({ schedules, pause, resume, run }: SchedulesGiven) {
  const t = useTexts(scheduleTexts);
  return (
    <DataTable
      caption={t.schedules}
      rows={schedules}
      keyOf={(one) => `${one.workflow_id} ${one.id}`}
      none={t.none}
      columns={[
        {
          head: t.workflow,
          cell: (one) => (
            <Link to="/w/$workflowId" params={{ workflowId: one.workflow_id }}>
              {one.workflow_id}
            </Link>
          ),
        },
        {
          head: t.when,
          cell: (one) => (
            <>
              <span className="mono">{one.cron}</span>{" "}
              <span className="muted">{one.timezone || "UTC"}</span>
            </>
          ),
        },
        { head: t.next, cell: (one) => <Next schedule={one} /> },
        {
          head: t.last,
          className: "hide-narrow",
          cell: (one) =>
            one.last_run && (
              <Link to="/r/$runId" params={{ runId: one.last_run.run_id }}>
                <Status status={one.last_run.status} />{" "}
                {one.last_run.started_at !== null && ago(one.last_run.started_at)}
              </Link>
            ),
        },
        {
          head: t.act,
          quiet: true,
          cell: (one) => (
            <div className="row">
              <button type="button" onClick={() => run(one)}>
                {t.run}
              </button>
              {one.paused_at === null ? (
                <button type="button" onClick={() => pause(one.workflow_id)}>
                  {t.pause}
                </button>
              ) : (
                <button type="button" onClick={() => resume(one.workflow_id)}>
                  {t.resume}
                </button>
              )}
            </div>
          ),
        },
      ]}
    />
  );
}

function Next({ schedule }: { schedule: Schedule }) {
  const t = useTexts(scheduleTexts);
  const later = schedule.upcoming.slice(1);
  if (schedule.paused_at !== null) {
    return (
      <span>
        ‖ {t.paused(ago(schedule.paused_at))} {visible(schedule.pause_reason)}
      </span>
    );
  }
  return (
    <>
      {schedule.next_at !== null && <Time at={schedule.next_at} zone={schedule.timezone} />}
      {later.length > 0 && (
        <Fold title={t.later} open={false}>
          <ol>
            {later.map((at) => (
              <li key={at}>
                <Time at={at} zone={schedule.timezone} />
              </li>
            ))}
          </ol>
        </Fold>
      )}
      {!schedule.active && <div className="muted">{t.inactive}</div>}
    </>
  );
}

/** A time by the schedule's own clock, so that it reads as its cron does; and by the reader's. */
function Time({ at, zone }: { at: number; zone: string }) {
  return (
    <time
      dateTime={new Date(at * 1000).toISOString()}
      title={`${dateTime(at)} · ${ago(at)}`}
      className="nowrap"
    >
      {dateTimeIn(at, zone || "UTC")}
    </time>
  );
}

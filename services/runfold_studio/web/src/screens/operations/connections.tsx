/** Credentials by name: which there are, whether they can be used, and who has to allow them. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@/api/client";
import type { components } from "@/api/schema";
import { useTexts } from "@/i18n/language";
import { Confirm } from "@/ui/confirm";
import { DataTable } from "@/ui/data-table";
import { Loading, Problem } from "@/ui/states";
import "@/ui/status.css";
import { visible } from "@/ui/visible";
import { connectionTexts } from "./connection-texts";
import { CONNECTION_TYPES, type ConnectionType } from "./connection-types";
import { NewConnection } from "./new-connection";

type Connection = components["schemas"]["ConnectionDocument"];
type Authorization = components["schemas"]["Authorization"];

const LOOKS = {
  ready: { tone: "good", icon: "✓" },
  not_authorized: { tone: "warn", icon: "…" },
  authorizing: { tone: "live", icon: "▶" },
  expired: { tone: "bad", icon: "✕" },
};

export function ConnectionsTab() {
  const t = useTexts(connectionTexts);
  const queries = useQueryClient();
  const [removing, setRemoving] = useState("");
  const [asked, setAsked] = useState<Authorization | null>(null);
  const [refused, setRefused] = useState<unknown>(null);
  const { data, error } = useQuery({
    queryKey: ["connections"],
    queryFn: async () => (await call("get", "/api/connections")).data.items,
  });
  const refresh = () => void queries.invalidateQueries({ queryKey: ["connections"] });
  const authorize = async (connection: string) => {
    setRefused(null);
    try {
      const path = { connection };
      setAsked((await call("post", "/api/connections/{connection}/authorize", { path })).data);
      refresh();
    } catch (problem) {
      setRefused(problem);
    }
  };
  return (
    <>
      {(error || refused !== null) && <Problem error={error ?? refused} />}
      {asked && <Allow asked={asked} />}
      {data ? (
        <Connections
          connections={data}
          authorize={(name) => void authorize(name)}
          remove={setRemoving}
        />
      ) : (
        !error && <Loading />
      )}
      <NewConnection stored={refresh} />
      {removing && (
        <Confirm
          title={t.removeTitle(removing)}
          go={t.remove}
          danger
          act={async () => {
            const path = { connection: removing };
            await call("delete", "/api/connections/{connection}", { path });
            return undefined;
          }}
          close={(done) => {
            setRemoving("");
            if (done) refresh();
          }}
        />
      )}
    </>
  );
}

/** The address comes from the stored connection: only one of the web is made a link. */
function Allow({ asked }: { asked: Authorization }) {
  const t = useTexts(connectionTexts);
  const isWeb = /^https?:/i.test(asked.url);
  return (
    <p role="status" className="wrap">
      {t.authorizeHelp}{" "}
      {isWeb ? (
        <a href={asked.url} target="_blank" rel="noreferrer">
          {asked.url}
        </a>
      ) : (
        visible(asked.url)
      )}
    </p>
  );
}

interface ConnectionsGiven {
  connections: Connection[];
  authorize: (name: string) => void;
  remove: (name: string) => void;
}

function Connections({ connections, authorize, remove }: ConnectionsGiven) {
  const t = useTexts(connectionTexts);
  return (
    <DataTable
      caption={t.connections}
      rows={connections}
      keyOf={(one) => one.name}
      none={t.none}
      columns={[
        { head: t.name, cell: (one) => one.name },
        {
          head: t.type,
          className: "hide-narrow",
          cell: (one) => (one.type in CONNECTION_TYPES ? t[one.type as ConnectionType] : one.type),
        },
        { head: t.hosts, className: "hide-narrow wrap", cell: (one) => one.hosts.join(" ") },
        {
          head: t.status,
          cell: (one) => (
            <>
              <span className={`status tone-${LOOKS[one.status].tone}`}>
                <span aria-hidden="true">{LOOKS[one.status].icon}</span> {t[one.status]}
              </span>
              <div className="muted">{visible(one.error)}</div>
            </>
          ),
        },
        {
          head: t.remove,
          quiet: true,
          cell: (one) => (
            <div className="row">
              {one.type === "oauth2_authorization_code" && (
                <button type="button" onClick={() => authorize(one.name)}>
                  {t.authorize}
                </button>
              )}
              <button type="button" className="danger" onClick={() => remove(one.name)}>
                {t.remove}
              </button>
            </div>
          ),
        },
      ]}
    />
  );
}

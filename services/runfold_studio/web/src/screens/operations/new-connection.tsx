/** Stores a connection; its secrets are sent once and kept nowhere in the page. */

import { useState } from "react";
import { ApiProblem, exchange } from "@/api/client";
import { problemsByPlace } from "@/forms/fields/schema";
import { TopFields } from "@/forms/fields/top-fields";
import { useTexts } from "@/i18n/language";
import { Problem } from "@/ui/states";
import { connectionTexts } from "./connection-texts";
import { CONNECTION_TYPES, type ConnectionType, hostsOf } from "./connection-types";

export function NewConnection({ stored }: { stored: () => void }) {
  const t = useTexts(connectionTexts);
  const [name, setName] = useState("");
  const [hosts, setHosts] = useState("");
  const [type, setType] = useState<ConnectionType>("api_key");
  const [fields, setFields] = useState<unknown>({});
  const [refused, setRefused] = useState<unknown>(null);
  const store = async () => {
    setRefused(null);
    try {
      const body = { ...(fields as object), type, hosts: hostsOf(hosts) };
      await exchange("put", `/api/connections/${encodeURIComponent(name)}`, { body });
      setName("");
      setHosts("");
      setFields({});
      stored();
    } catch (problem) {
      setRefused(problem);
    }
  };
  const problems =
    refused instanceof ApiProblem ? problemsByPlace(refused.document) : new Map<string, string>();
  return (
    <details>
      <summary>{t.create}</summary>
      <form
        className="fields"
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void store();
        }}
      >
        <p className="muted">{t.createHelp}</p>
        <label>
          {t.name}
          <input required value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          {t.hosts}
          <input
            required
            placeholder={t.hostsHelp}
            value={hosts}
            onChange={(event) => setHosts(event.target.value)}
          />
        </label>
        <label>
          {t.type}
          <select
            value={type}
            onChange={(event) => {
              setType(event.target.value as ConnectionType);
              setFields({});
            }}
          >
            {(Object.keys(CONNECTION_TYPES) as ConnectionType[]).map((one) => (
              <option key={one} value={one}>
                {t[one]}
              </option>
            ))}
          </select>
        </label>
        <TopFields
          key={type}
          schema={CONNECTION_TYPES[type]}
          value={fields}
          change={setFields}
          problems={problems}
        />
        {refused !== null && <Problem error={refused} />}
        <button type="submit" className="primary start">
          {t.store}
        </button>
      </form>
    </details>
  );
}

/** The fields of each sort of credentials, as the API calls them. */

import type { Schema } from "@/forms/fields/schema";

const text = { type: "string", maxLength: 80 };
const secret = { type: "string", format: "password" };
const url = { type: "string", format: "uri" };
const oauth = {
  token_url: url,
  client_id: text,
  client_secret: secret,
  scope: text,
  audience: text,
  resource: text,
  client_auth: { enum: ["client_secret_basic", "client_secret_post"] },
};

function object(properties: Record<string, Schema>, required: string[]): Schema {
  return { type: "object", properties, required };
}

export const CONNECTION_TYPES = {
  api_key: object({ value: secret, name: text, in: { enum: ["header", "query", "cookie"] } }, [
    "value",
  ]),
  basic: object({ username: text, password: secret }, ["username"]),
  bearer: object({ token: secret }, ["token"]),
  oauth2_client_credentials: object(oauth, ["token_url", "client_id", "client_secret"]),
  oauth2_authorization_code: object(
    {
      authorization_url: url,
      ...oauth,
      authorization_params: { type: "object" },
    },
    ["authorization_url", "token_url", "client_id"],
  ),
} satisfies Record<string, Schema>;

export type ConnectionType = keyof typeof CONNECTION_TYPES;

/** Hosts as they are written, between commas, spaces or line ends. */
export function hostsOf(written: string): string[] {
  return written.split(/[\s,]+/).filter((host) => host !== "");
}

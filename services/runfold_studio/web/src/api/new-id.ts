/** Ids that nobody else makes; unlike `crypto.randomUUID` on pages without TLS as well. */

export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

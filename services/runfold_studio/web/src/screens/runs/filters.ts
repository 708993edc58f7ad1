/** What a list of runs is asked for, as it stands in the address and as the API takes it. */

export const FILTERS = [
  "workflow_id",
  "status",
  "from",
  "to",
  "version",
  "label",
  "text",
  "node",
  "error_code",
  "origin",
] as const;
export type Filter = (typeof FILTERS)[number];
export type RunFilters = { [F in Filter]?: string };
/** Filters that are to be others; undefined: none. */
export type FilterChange = { [F in Filter]?: string | undefined };

/** Statuses in the order in which they are offered: what is under way, what went wrong, the rest. */
export const STATUSES = [
  "queued",
  "running",
  "paused",
  "compensating",
  "failed",
  "compensation_failed",
  "partial_succeeded",
  "succeeded",
  "compensated",
  "cancelled",
] as const;

export const UNENDED: ReadonlySet<string> = new Set([
  "queued",
  "running",
  "paused",
  "compensating",
]);

/** Several labels stand in an address between line ends, which are in none of their names. */
export function labelsOf(filters: RunFilters): string[] {
  return filters.label?.split("\n").filter((label) => label !== "") ?? [];
}

export function statusesOf(filters: RunFilters): string[] {
  return filters.status?.split(",").filter((status) => status !== "") ?? [];
}

/** A list of values with one more, or without it where it had it. */
export function toggled(values: readonly string[], value: string): string[] {
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}

/** The filters as parameters of `GET /api/runs`. */
export function asked(filters: RunFilters): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  for (const name of FILTERS) {
    const value = filters[name];
    if (value) query[name] = value;
  }
  const labels = labelsOf(filters);
  if (labels.length > 0) query.label = labels;
  return query;
}

/** A moment as a `datetime-local` field takes it: in the zone of the page, to the minute. */
export function localOf(written: string | undefined): string {
  if (!written) return "";
  const time = /^\d+(\.\d+)?$/.test(written) ? Number(written) * 1000 : Date.parse(written);
  if (!Number.isFinite(time)) return "";
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What such a field says as the address has it, in UTC; undefined for an empty one. */
export function instantOf(local: string): string | undefined {
  const time = Date.parse(local);
  return Number.isFinite(time) ? new Date(time).toISOString().replace(".000Z", "Z") : undefined;
}

interface Group {
  workflow_id: string;
  /** A place in the definition, `each[]/call`; empty when no node failed the run. */
  node: string;
  error_code: string;
}

/** Filters that the runs of a group of failures fit, within the same time. */
export function runsOfGroup(
  { workflow_id, node, error_code }: Group,
  within: RunFilters,
): RunFilters {
  const id = node.slice(node.lastIndexOf("/") + 1);
  return {
    workflow_id,
    error_code,
    status: "failed",
    ...(id && { node: id }),
    ...(within.from && { from: within.from }),
    ...(within.to && { to: within.to }),
  };
}

/** How many questions wait for a person. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useChanges } from "@/api/changes";
import { call } from "@/api/client";

const SHOWN = 100;

export function OpenReviews() {
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: ["reviews", "count"],
    queryFn: async () => (await call("get", "/api/reviews", { query: { limit: SHOWN } })).data,
  });
  useChanges(["review"], () => void queries.invalidateQueries({ queryKey: ["reviews"] }), 1000);
  // A state machine takes events at any time: nobody waits for them.
  const waiting = data?.items.filter((one) => one.type !== "state_machine").length ?? 0;
  if (waiting === 0) return null;
  return <span className="badge">{data?.next_cursor ? `${waiting}+` : waiting}</span>;
}

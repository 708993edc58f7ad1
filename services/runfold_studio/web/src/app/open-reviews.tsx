/** How many questions wait for a person. */

import { useQuery } from "@tanstack/react-query";
import { call } from "@/api/client";

const SHOWN = 100;

export function OpenReviews() {
  const { data } = useQuery({
    queryKey: ["reviews", "count"],
    queryFn: async () => (await call("get", "/api/reviews", { query: { limit: SHOWN } })).data,
  });
  const waiting = data?.items.length ?? 0;
  if (waiting === 0) return null;
  return <span className="badge">{waiting >= SHOWN ? `${SHOWN}+` : waiting}</span>;
}

/** What waits for a person in all workflows, and the way to answer it. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { ago } from "@/i18n/numbers";
import { Empty, Loading, Problem } from "@/ui/states";
import { visible } from "@/ui/visible";
import { Due } from "./due";
import { ReviewPane } from "./review-pane";
import { kindOf, type Review } from "./reviews";
import { inboxTexts } from "./texts";
import "./inbox.css";

const PAGE = 50;
const KINDS = ["human_review", "question", "input", "state_machine"] as const;

export function InboxScreen() {
  const t = useTexts(inboxTexts);
  const { review: chosen, ...filters } = useSearch({ from: "/inbox" });
  const list = useInfiniteQuery({
    queryKey: ["reviews", "list", filters],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filters, limit: PAGE, cursor: pageParam };
      return (await call("get", "/api/reviews", { query, signal })).data;
    },
    getNextPageParam: (page) => page.next_cursor || undefined,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="inbox" data-chosen={Boolean(chosen)}>
      <section className="inbox-list stack" aria-label={t.list}>
        <h1>{t.title}</h1>
        <Filters />
        {list.isPending && <Loading />}
        {list.error && <Problem error={list.error} again={() => void list.refetch()} />}
        {list.data && items.length === 0 && (
          <Empty>
            <h2>{t.none}</h2>
            <p>{t.noneHelp}</p>
          </Empty>
        )}
        <ul className="waiting">
          {items.map((one) => (
            <li key={one.review_id}>
              <Entry review={one} />
            </li>
          ))}
        </ul>
        {list.hasNextPage && (
          <button type="button" onClick={() => void list.fetchNextPage()}>
            {t.more}
          </button>
        )}
      </section>
      <section className="inbox-pane">
        {chosen ? (
          <ReviewPane
            key={chosen}
            token={chosen}
            listed={items.find((one) => one.review_id === chosen)}
          />
        ) : (
          items.length > 0 && <Empty>{t.choose}</Empty>
        )}
      </section>
    </div>
  );
}

function Entry({ review }: { review: Review }) {
  const t = useTexts(inboxTexts);
  return (
    <Link to="/inbox" search={(before) => ({ ...before, review: review.review_id })}>
      <span className="row spread">
        <strong className="cut">{visible(review.message) || review.node}</strong>
        <span className="muted small">{t[kindOf(review)]}</span>
      </span>
      <span className="muted small row">
        {visible(review.workflow_id)} · {visible(review.node)}
        {review.state && ` · ${visible(review.state)}`}
      </span>
      <span className="muted small row">
        {review.waiting_since !== null && t.waiting(ago(review.waiting_since))}
        {review.due !== null && <Due due={review.due} />}
        {review.assignee && <span>→ {visible(review.assignee)}</span>}
      </span>
    </Link>
  );
}

function Filters() {
  const t = useTexts(inboxTexts);
  const filters = useSearch({ from: "/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  const put = (name: "kind" | "workflow_id" | "assignee", value: string) =>
    void navigate({
      search: ({ [name]: _, ...others }) => (value ? { ...others, [name]: value } : others),
      replace: true,
    });
  return (
    <search className="row" aria-label={t.filters}>
      <select
        aria-label={t.kind}
        value={filters.kind ?? ""}
        onChange={(event) => put("kind", event.target.value)}
      >
        <option value="">{t.all}</option>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {t[kind]}
          </option>
        ))}
      </select>
      {(["workflow_id", "assignee"] as const).map((name) => (
        <input
          key={`${name} ${filters[name] ?? ""}`}
          aria-label={name === "assignee" ? t.assignee : t.workflow}
          placeholder={name === "assignee" ? t.assignee : t.workflow}
          defaultValue={filters[name]}
          onBlur={(event) => put(name, event.target.value.trim())}
          onKeyDown={(event) => {
            if (event.key === "Enter") put(name, event.currentTarget.value.trim());
          }}
        />
      ))}
    </search>
  );
}

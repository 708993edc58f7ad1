/** Which item, round or branch of each composite is looked at, and the way to the others. */

import { useTexts } from "@/i18n/language";
import { count } from "@/i18n/numbers";
import { childScope } from "@/run/addresses";
import { type Around, type Items, itemsOf, pickKey, scopeIn } from "@/run/items";
import { visible } from "@/ui/visible";
import { runTexts } from "./texts";
import { useWorkspace, type Workspace } from "./workspace";

/** Composites that have a pager at a time while nothing is selected. */
const MOST = 4;

export function Pagers() {
  const t = useTexts(runTexts);
  const workspace = useWorkspace();
  const shown = pagersOf(workspace);
  return (
    <section className="pagers row" aria-label={t.items}>
      {shown.map((one) => (
        <Pager key={pickKey(one.address, one.body)} {...one} />
      ))}
    </section>
  );
}

interface Paged extends Around {
  items: Items;
}

function pagersOf({ moment, selected, picks }: Workspace): Paged[] {
  const { state } = moment;
  const found: Around[] = [];
  if (selected) {
    found.push(...scopeIn(state, selected.box, picks).around);
    const inside = state.nodes.get(selected.address);
    if (inside) found.push(...bodiesOf(selected.address, moment, picks));
  } else {
    for (const id of moment.plan.graph.nodes.keys()) found.push(...bodiesOf(id, moment, picks));
  }
  const paged = found.flatMap((one): Paged[] => {
    const node = state.nodes.get(one.address);
    const items = node ? itemsOf(node, one.body) : null;
    return items && items.count > 1 ? [{ ...one, items }] : [];
  });
  return selected ? paged : paged.slice(0, MOST);
}

/** The bodies of a composite as if a box in each were looked at. */
function bodiesOf(
  address: string,
  { plan, state }: Workspace["moment"],
  picks: Workspace["picks"],
): Around[] {
  const planned = plan.node(address);
  const node = state.nodes.get(address);
  if (!planned || !node?.composite) return [];
  const names = planned.called ? [""] : [...planned.bodies.keys()];
  return names.map((body) => {
    const items = itemsOf(node, body);
    const newest = items && items.count > 0 ? items.at(items.count - 1) : -1;
    return { address, body, index: picks.get(pickKey(address, body)) ?? newest };
  });
}

function Pager({ address, body, index, items }: Paged) {
  const t = useTexts(runTexts);
  const { pick, picks, moment } = useWorkspace();
  const place = items.placeOf(index);
  const name = body ? `${address} · ${body}` : address;
  const go = (to: number) => pick(address, body, items.at(to));
  const resultAt = (at: number) =>
    moment.state.scopes.get(childScope(address, items.at(at), body))?.result;
  const failedAfter = (from: number): number => {
    for (let step = 1; step <= items.count; step += 1) {
      const at = (from + step) % items.count;
      if (resultAt(at) === "failed") return at;
    }
    return -1;
  };
  // To look at each of many items takes longer than all else with every step of the slider.
  const anyFailed = items.failed === null ? failedAfter(place) >= 0 : items.failed > 0;
  return (
    <fieldset className="pager">
      <legend className="hidden-text">{t.itemsOf(visible(name))}</legend>
      <span className="cut" aria-hidden="true">
        {visible(name)}
      </span>
      <button
        type="button"
        className="plain"
        aria-label={t.before}
        disabled={place <= 0}
        onClick={() => go(place - 1)}
      >
        ◀
      </button>
      <span role="status">{t.itemOf(count(place + 1), count(items.count))}</span>
      <button
        type="button"
        className="plain"
        aria-label={t.next}
        disabled={place >= items.count - 1}
        onClick={() => go(place + 1)}
      >
        ▶
      </button>
      {anyFailed && (
        <button
          type="button"
          className="plain bad"
          title={t.failedItem}
          onClick={() => go(Math.max(0, failedAfter(place)))}
        >
          <span aria-hidden="true">✕</span>
          <span className="hidden-text">{t.failedItem}</span>
        </button>
      )}
      {picks.has(pickKey(address, body)) && (
        <button type="button" className="plain" onClick={() => pick(address, body, null)}>
          {t.follow}
        </button>
      )}
    </fieldset>
  );
}

/** The runs of a family in the order of a tree. */

/** Each run below the one that it goes on from. */
export function inOrder<M extends { run_id: string; origin: string }>(
  members: readonly M[],
): { member: M; depth: number }[] {
  const known = new Set(members.map((one) => one.run_id));
  const below = new Map<string, M[]>();
  for (const one of members) {
    const origin = known.has(one.origin) ? one.origin : "";
    below.set(origin, [...(below.get(origin) ?? []), one]);
  }
  const found: { member: M; depth: number }[] = [];
  const add = (origin: string, depth: number) => {
    for (const member of below.get(origin) ?? []) {
      found.push({ member, depth });
      add(member.run_id, depth + 1);
    }
  };
  add("", 0);
  return found;
}

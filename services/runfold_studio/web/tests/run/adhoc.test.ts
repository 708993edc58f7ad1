import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { History } from "@/run/history";
import { expected, type Golden, valuesOf } from "./golden";

const DIR = process.env.FIX ?? "";
const eq = (a: unknown, b: unknown) => {
  try {
    expect(a).toEqual(b);
    return "";
  } catch (e) {
    return String((e as Error).message).slice(0, 900) + JSON.stringify(a).slice(0, 0);
  }
};
test("all", () => {
  let bad = 0;
  const out: string[] = [];
  const files = readdirSync(DIR);
  for (const file of files) {
    const golden = JSON.parse(readFileSync(`${DIR}/${file}`, "utf8")) as Golden;
    const history = new History();
    let place = 0;
    for (const want of expected(golden)) {
      history.add([golden.events[place]!]);
      const got = valuesOf(history, history.newest!);
      if (
        JSON.stringify(got.run) !== JSON.stringify(want.run) ||
        Object.keys(got.nodes).length !== Object.keys(want.nodes).length ||
        Object.keys(want.nodes).some(
          (k) => JSON.stringify(want.nodes[k]) !== JSON.stringify(got.nodes[k]),
        )
      ) {
        const difference = eq(got, want);
        if (difference) {
          bad++;
          const ks = [...new Set([...Object.keys(got.nodes), ...Object.keys(want.nodes)])]
            .filter((k) => eq(got.nodes[k], want.nodes[k]))
            .map(
              (k) =>
                k +
                " GOT " +
                JSON.stringify(got.nodes[k]) +
                " WANT " +
                JSON.stringify(want.nodes[k]),
            );
          if (eq(got.run, want.run))
            ks.push("RUN " + JSON.stringify(got.run) + " WANT " + JSON.stringify(want.run));
          if (bad < 14)
            out.push(
              `${file} @${place} ${golden.events[place]!.type}\n${ks.slice(0, 4).join("\n")}`,
            );
          break;
        }
      }
      place++;
    }
  }
  process.stdout.write(`bad ${bad} of ${files.length}\n${out.join("\n\n")}\n`);
}, 100000);

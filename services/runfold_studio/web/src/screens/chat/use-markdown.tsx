/** Whether answers are shown as Markdown: as it was chosen last in this browser. */

import { type ReactNode, useState } from "react";
import { forGood } from "@/api/kept";
import { useTexts } from "@/i18n/language";
import { chatTexts } from "./texts";

const NAME = "runfold.markdown";

/** The choice, and the box to change it by. */
export function useMarkdown(): [boolean, ReactNode] {
  const t = useTexts(chatTexts);
  const [chosen, setChosen] = useState(() => forGood.get(NAME) !== "no");
  const choose = (next: boolean) => {
    forGood.set(NAME, next ? "yes" : "no");
    setChosen(next);
  };
  const box = (
    <label key="markdown" className="small">
      <input type="checkbox" checked={chosen} onChange={(event) => choose(event.target.checked)} />{" "}
      {t.markdown}
    </label>
  );
  return [chosen, box];
}

/** The choice to read a text as Markdown. */

import { useTexts } from "@/i18n/language";
import { shownTexts } from "./shown-texts";

interface Given {
  rendered: boolean;
  choose: (rendered: boolean) => void;
}

export function AsMarkdown({ rendered, choose }: Given) {
  const t = useTexts(shownTexts);
  return (
    <label className="check small">
      <input
        type="checkbox"
        checked={rendered}
        onChange={(event) => choose(event.target.checked)}
      />{" "}
      {t.asMarkdown}
    </label>
  );
}

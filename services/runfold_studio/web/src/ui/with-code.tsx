/** A sentence of the API, with what stands between backticks as code. */

import { useSaid } from "@/i18n/kinds";
import { visible } from "./visible";

export function WithCode({ text }: { text: string }) {
  const said = useSaid();
  return visible(said(text))
    .split("`")
    .map((part, index) =>
      // biome-ignore lint/suspicious/noArrayIndexKey: a part of a sentence has no other name than its place
      index % 2 === 1 ? <code key={index}>{part}</code> : part,
    );
}

/** Markdown that a person or a model wrote: no HTML, no pictures from elsewhere, links of the web alone. */

import { lazy, Suspense } from "react";
import { visible } from "./visible";

const Rendered = lazy(() => import("./markdown-rendered"));

/** Shown as it is written until what renders it is here. */
export function Markdown({ text }: { text: string }) {
  return (
    <Suspense fallback={<pre>{visible(text)}</pre>}>
      <Rendered text={visible(text)} />
    </Suspense>
  );
}

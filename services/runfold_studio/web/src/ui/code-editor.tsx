/** Text with line numbers and colours; the editor itself is loaded when the first one is shown. */

import { lazy, Suspense } from "react";

export interface Mark {
  from: number;
  level: "error" | "warning" | "info";
  message: string;
}

export interface CodeEditorProps {
  id?: string;
  label: string;
  value: string;
  change?: (text: string) => void;
  language: "yaml" | "json" | "python" | "javascript" | "text";
  marks?: readonly Mark[];
  /** Scroll to a character; another object scrolls again. */
  goTo?: { at: number } | null;
  /** As high as there is room for, instead of as its text. */
  fill?: boolean;
}

const Editor = lazy(() => import("./code-mirror"));

export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<pre className="code-waiting">{props.value}</pre>}>
      <Editor {...props} />
    </Suspense>
  );
}

/** CodeMirror as a React component. Only `code-editor.tsx` and what is lazy itself may import it. */

import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Annotation, Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, lineNumbers, ViewPlugin } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { difference, newline } from "@/graph/source/text";
import type { CodeEditorProps, Mark } from "./code-editor";
import { looks } from "./code-looks";
import "./code.css";

/** Marks changes that came from outside, which are not told back. */
const fromOutside = Annotation.define<boolean>();

/** The languages' colours, each loaded when the first text in it is opened. */
const LANGUAGES: Record<CodeEditorProps["language"], () => Promise<Extension>> = {
  yaml: async () => (await import("@codemirror/lang-yaml")).yaml(),
  // JSON is a part of JavaScript as far as colours go.
  json: async () => (await import("@codemirror/lang-javascript")).javascript(),
  python: async () => (await import("@codemirror/lang-python")).python(),
  javascript: async () =>
    (await import("@codemirror/lang-javascript")).javascript({ typescript: true }),
  text: async () => [],
};

/** Text without colours until its language is loaded. */
function inLanguage(language: CodeEditorProps["language"]): Extension {
  const colours = new Compartment();
  const loading = ViewPlugin.define((view) => {
    let isThere = true;
    void LANGUAGES[language]().then((found) => {
      if (isThere) view.dispatch({ effects: colours.reconfigure(found) });
    });
    return {
      destroy: () => {
        isThere = false;
      },
    };
  });
  return [colours.of([]), loading];
}

/** What every editor of the studio has. */
export function basics(label: string, language: CodeEditorProps["language"]): Extension[] {
  return [
    looks(),
    lineNumbers(),
    bracketMatching(),
    indentOnInput(),
    highlightSelectionMatches(),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
    inLanguage(language),
  ];
}

export default function CodeMirror(props: CodeEditorProps) {
  const { label, value, language, change, marks, goTo, fill } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const told = useRef(change);
  told.current = change;
  const first = useRef(value);
  const lineEnd = newline(value);
  const ends = useRef(lineEnd);
  ends.current = lineEnd;
  const readOnly = change === undefined;

  const latest = useRef(value);
  latest.current = value;

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const made = new EditorView({
      parent,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          ...basics(label, language),
          history(),
          EditorState.readOnly.of(readOnly),
          keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => {
            const outside = update.transactions.some((one) => one.annotation(fromOutside));
            if (!update.docChanged || outside) return;
            told.current?.(update.state.doc.toString().replaceAll("\n", ends.current));
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      first.current = made.state.doc.toString();
      made.destroy();
      view.current = null;
    };
  }, [label, language, readOnly]);

  useEffect(() => {
    const editor = view.current;
    // The editor counts every kind of line end as one character.
    const text = value.replace(/\r\n?/g, "\n");
    const before = editor?.state.doc.toString();
    if (!editor || before === undefined || before === text) return;
    const { from, to, insert } = difference(before, text);
    editor.dispatch({ changes: { from, to, insert }, annotations: fromOutside.of(true) });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor)
      editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(marks ?? [], editor, value)));
  }, [marks, value]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || !goTo) return;
    const at = Math.min(withoutReturns(latest.current, goTo.at), editor.state.doc.length);
    editor.dispatch({
      selection: { anchor: at },
      effects: EditorView.scrollIntoView(at, { y: "center" }),
    });
  }, [goTo]);

  return <div ref={place} className={fill ? "code code-fill" : "code"} />;
}

/** A place of a text, in the same text whose line ends are one character each. */
function withoutReturns(text: string, at: number): number {
  return text.slice(0, at).replace(/\r\n?/g, "\n").length;
}

function diagnosticsOf(marks: readonly Mark[], editor: EditorView, text: string) {
  const length = editor.state.doc.length;
  return marks.map((mark) => {
    const from = Math.min(withoutReturns(text, mark.from), length);
    const line = editor.state.doc.lineAt(from);
    return { from, to: Math.max(from, line.to), severity: mark.level, message: mark.message };
  });
}

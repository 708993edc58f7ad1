/** What all fields of a form share. */

import { createContext, useContext } from "react";
import type { Path } from "@/graph/document";

/** A name that a template may read. */
export interface Readable {
  name: string;
  type: string;
  when: "always" | "some_paths";
  kind: string;
}

export interface FormEnvironment {
  /** Names that templates of this form may read; none: fields take no templates. */
  readable: readonly Readable[];
  templates: boolean;
  /** Names of models that the document uses or examples name. */
  models: readonly string[];
  /** Ids of workflows that may be called. */
  workflows: readonly string[];
  /** Set a value, or with undefined remove it; `isTyping` joins steps of the history. */
  set: (path: Path, value: unknown, isTyping?: boolean) => void;
  /** Give the key at a path another name. */
  rename: (path: Path, name: string) => void;
  /** Tells fields of one node from those of another. */
  key: string;
}

export const FormContext = createContext<FormEnvironment>({
  readable: [],
  templates: false,
  models: [],
  workflows: [],
  set: () => undefined,
  rename: () => undefined,
  key: "",
});

export function useForm(): FormEnvironment {
  return useContext(FormContext);
}

/** Id of the sentence below a field, which screen readers read with what it is filled in with. */
export const HelpContext = createContext<string | undefined>(undefined);

export function useHelp(problem?: string | null | false): string | undefined {
  const help = useContext(HelpContext);
  return [problem, help].filter(Boolean).join(" ") || undefined;
}

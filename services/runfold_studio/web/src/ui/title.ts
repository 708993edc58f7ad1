/** The title of the tab: which screen it shows, of what. */

import { useEffect } from "react";
import { visible } from "./visible";

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${visible(title)} · runfold`;
  }, [title]);
}

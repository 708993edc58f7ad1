/** What stands at an address that no screen has. */

import { useTexts } from "@/i18n/language";
import { Empty } from "@/ui/states";
import { useTitle } from "@/ui/title";
import { shellTexts } from "./texts";

export function NotFound() {
  const t = useTexts(shellTexts);
  useTitle(t.notFound);
  return <Empty>{t.notFound}</Empty>;
}

/** What stands at an address that no screen has. */

import { useTexts } from "@/i18n/language";
import { Empty } from "@/ui/states";
import { shellTexts } from "./texts";

export function NotFound() {
  return <Empty>{useTexts(shellTexts).notFound}</Empty>;
}

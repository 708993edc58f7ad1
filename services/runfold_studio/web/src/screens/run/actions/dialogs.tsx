/** The dialogs of a run, each loaded when it is first opened. */

import { later } from "@/ui/later";

export const CancelDialog = later(async () => (await import("./cancel")).CancelDialog);
export const CaseDialog = later(async () => (await import("./case")).CaseDialog);
export const CompareDialog = later(async () => (await import("./compare")).CompareDialog);
export const ForkDialog = later(async () => (await import("./fork")).ForkDialog);
export const LinkDialog = later(async () => (await import("./link")).LinkDialog);
export const RetryDialog = later(async () => (await import("./retry")).RetryDialog);

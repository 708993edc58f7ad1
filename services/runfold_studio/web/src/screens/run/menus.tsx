/** The menu of a node, loaded when it is first opened. */

import { later } from "@/ui/later";

export const NodeMenu = later(async () => (await import("./node-menu")).NodeMenu);

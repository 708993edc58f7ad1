/** Not built yet. */
import { NotFound } from "@/app/not-found";

export const RunScreen = NotFound;

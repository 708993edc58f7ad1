/** Where the studio begins. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiProblem } from "@/api/client";
import { watchLoading } from "@/app/not-loaded";
import { router } from "@/app/router";
import "@/styles/tokens.css";
import "@/styles/base.css";

const RETRIES = 2;

watchLoading();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A gateway on this machine is there without any network.
      networkMode: "always",
      staleTime: 5_000,
      // What the API refused it refuses again; a lost connection may come back.
      retry: (failures, error) =>
        failures < RETRIES && !(error instanceof ApiProblem && error.status < 500),
    },
  },
});

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

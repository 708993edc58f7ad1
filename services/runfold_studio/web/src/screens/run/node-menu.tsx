/** The menu of a node of a run, and what is done by it. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ApiProblem, call } from "@/api/client";
import { useTexts } from "@/i18n/language";
import { countBefore, forkRefusal, type Refusal, retryRefusal, trialRefusal } from "@/run/acts";
import { type Moment, momentOf } from "@/run/moment";
import { Menu, type MenuItem } from "@/ui/menu";
import type { MenuPlace } from "@/ui/menu-place";
import { visible } from "@/ui/visible";
import { ForkDialog, LinkDialog, RetryDialog } from "./actions/dialogs";
import { INSPECTOR } from "./inspector/inspector";
import { nodeMenuTexts } from "./node-menu-texts";
import { useWorkspace } from "./workspace";

interface Given {
  /** Of the node in the run; of a box that the run has not come to, that of the box. */
  address: string;
  place: MenuPlace;
  close: () => void;
}

type Doing =
  | { kind: "choosing" | "retry" | "copied" }
  | { kind: "fork"; from: Moment }
  | { kind: "link"; link: string };

/** Milliseconds for which it is said that something was copied. */
const SAID = 4_000;

export function NodeMenu({ address, place, close }: Given) {
  const t = useTexts(nodeMenuTexts);
  const { runId } = useWorkspace();
  const [doing, setDoing] = useState<Doing>({ kind: "choosing" });
  const items = useItems(address, setDoing, close);
  const isSaid = doing.kind === "copied";
  useEffect(() => {
    if (!isSaid) return;
    const timer = setTimeout(close, SAID);
    return () => clearTimeout(timer);
  }, [isSaid, close]);
  switch (doing.kind) {
    case "choosing":
      return <Menu label={t.menuOf(visible(address))} place={place} items={items} close={close} />;
    case "retry":
      return runId && <RetryDialog runId={runId} node={address} close={close} />;
    case "fork":
      return <ForkDialog from={doing.from} close={close} />;
    case "link":
      return <LinkDialog link={doing.link} close={close} />;
    case "copied":
      return (
        <p className="said" role="status">
          {t.copied}
        </p>
      );
  }
}

function useItems(
  address: string,
  setDoing: (doing: Doing) => void,
  close: () => void,
): MenuItem[] {
  const t = useTexts(nodeMenuTexts);
  const { runId, moment, data, select } = useWorkspace();
  const navigate = useNavigate();
  const router = useRouter();
  const { history } = data;
  const { workflowId } = moment.state.head;
  const isStored = useIsStored(runId === null ? "" : workflowId);
  const why = (refusal: Refusal | null) => {
    if (runId === null) return t.file;
    return refusal && t[refusal];
  };
  const trial = trialRefusal(history.newest, address);
  return [
    {
      key: "inspect",
      label: t.inspect,
      act: () => {
        select(address);
        document.getElementById(INSPECTOR)?.focus();
        close();
      },
    },
    {
      key: "retry",
      label: t.retry,
      refused: why(retryRefusal(history.newest, address)),
      act: () => setDoing({ kind: "retry" }),
    },
    {
      key: "fork",
      label: t.fork,
      refused: why(forkRefusal(moment, address)),
      act: () => {
        const from = momentOf(data, countBefore(history, moment, address));
        if (from) setDoing({ kind: "fork", from });
      },
    },
    {
      key: "link",
      label: t.link,
      refused: why(null),
      act: () => {
        const { href } = router.buildLocation({
          to: "/r/$runId",
          params: { runId: runId ?? "" },
          search: { at: String(moment.event.seq), node: address },
        });
        const link = new URL(router.history.createHref(href), location.href).href;
        void copied(link).then((done) =>
          setDoing(done ? { kind: "copied" } : { kind: "link", link }),
        );
      },
    },
    {
      key: "trial",
      label: t.trial,
      refused: why(trial ?? (isStored ? null : "not_stored")),
      act: () => {
        const search = { panel: "try", node: address, run: runId ?? "" };
        void navigate({ to: "/w/$workflowId", params: { workflowId }, search });
      },
    },
  ];
}

/** Whether the editor can open the workflow: a run may be of one that was never stored, or is gone. */
function useIsStored(workflowId: string): boolean {
  const found = useQuery({
    queryKey: ["workflow", workflowId, "stored"],
    enabled: workflowId !== "",
    retry: false,
    queryFn: async () => {
      try {
        await call("get", "/api/workflows/{workflow_id}/layout", {
          path: { workflow_id: workflowId },
        });
        return true;
      } catch (problem) {
        if (problem instanceof ApiProblem && problem.status === 404) return false;
        throw problem;
      }
    },
  });
  return found.data ?? true;
}

/** Whether the browser let it be copied: without HTTPS, pages of other machines may not. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

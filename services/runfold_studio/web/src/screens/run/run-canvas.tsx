/** The canvas of a run: its definition as it was pinned, with what became of each node. */

import { useCallback, useEffect, useMemo, useState } from "react";
import { Canvas } from "@/canvas/canvas";
import type { OpenMenu } from "@/canvas/menu";
import { useDrawing } from "@/canvas/use-drawing";
import { useTexts } from "@/i18n/language";
import { addressIn } from "@/run/items";
import type { MenuPlace } from "@/ui/menu-place";
import { RunLive } from "./live";
import { NodeMenu } from "./menus";
import { runTexts } from "./texts";
import { useWorkspace } from "./workspace";

export default function RunCanvas() {
  const t = useTexts(runTexts);
  const { runId, data, moment, picks, selected, selectBox } = useWorkspace();
  const definition = data.history.first?.definition;
  const { workflowId, version } = moment.state.head;
  const asked = runId === null ? "" : workflowId;
  const { graph, moved, pending } = useDrawing(definition, asked, version);
  const [live] = useState(() => new RunLive());
  const { streamed } = data;
  useEffect(() => live.show({ moment, picks, streamed, until: t.until }));
  const select = useCallback((boxes: string[]) => selectBox(boxes.at(-1) ?? null), [selectBox]);
  const box = selected?.box;
  const chosen = useMemo(() => (box === undefined ? [] : [box]), [box]);
  const [menu, setMenu] = useState<{ box: string; place: MenuPlace } | null>(null);
  const openMenu: OpenMenu = useCallback((box, place) => setMenu({ box, place }), []);
  const closeMenu = useCallback(() => setMenu(null), []);
  if (pending) return null;
  return (
    <>
      <Canvas
        graph={graph}
        moved={moved}
        live={live}
        selected={chosen}
        onSelect={select}
        first={box}
        onMenu={openMenu}
      />
      {menu && (
        <NodeMenu
          key={menu.box}
          address={addressIn(moment.state, menu.box, picks) ?? menu.box}
          place={menu.place}
          close={closeMenu}
        />
      )}
    </>
  );
}

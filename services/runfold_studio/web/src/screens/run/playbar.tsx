/** The way through a run's time: a slider over its events, steps, playing again, and a fork from here. */

import { useEffect, useRef, useState } from "react";
import { useTexts } from "@/i18n/language";
import { clock, count } from "@/i18n/numbers";
import { advanced, SPEEDS, type Speed } from "@/run/playback";
import { ForkDialog } from "./actions/dialogs";
import { runTexts } from "./texts";
import { useWorkspace } from "./workspace";

/** Milliseconds between two steps of a playback. */
const TICK = 40;

export function Playbar() {
  const t = useTexts(runTexts);
  const { runId, data, moment, place, goTo } = useWorkspace();
  const [forking, setForking] = useState(false);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<Speed>(1);
  const total = data.count;
  usePlayback(playing, speed, () => setPlaying(false));
  const go = (to: number) => {
    setPlaying(false);
    goTo(Math.max(1, Math.min(total, to)));
  };
  const play = () => {
    if (!playing && place >= total) goTo(1);
    setPlaying(!playing);
  };
  const where = t.place(count(place), count(total));
  const { index } = data.history;
  const seq = t.seq(String(index.seq(place - 1)));
  return (
    <div className="playbar row">
      <button type="button" className="plain" aria-label={t.first} onClick={() => go(1)}>
        ❙◀
      </button>
      <button
        type="button"
        className="plain"
        aria-label={t.stepBack}
        disabled={place <= 1}
        onClick={() => go(place - 1)}
      >
        ◀❙
      </button>
      <button type="button" aria-label={playing ? t.stop : t.play} onClick={play}>
        {playing ? "❚❚" : "▶"}
      </button>
      <select
        aria-label={t.speed}
        value={speed}
        onChange={(event) => setSpeed(Number(event.target.value) as Speed)}
      >
        {SPEEDS.map((one) => (
          <option key={one} value={one}>
            ×{one}
          </option>
        ))}
      </select>
      <button
        type="button"
        className="plain"
        aria-label={t.stepForward}
        disabled={place >= total}
        onClick={() => go(place + 1)}
      >
        ❙▶
      </button>
      <input
        type="range"
        aria-label={t.slider}
        aria-valuetext={`${where}, ${seq}`}
        min={1}
        max={total}
        value={place}
        onChange={(event) => go(Number(event.target.value))}
      />
      <span className="mono place">{where}</span>
      <span className="mono hide-narrow">{seq}</span>
      <span className="mono hide-narrow">{clock(index.time(place - 1))}</span>
      {runId !== null && (
        <button type="button" onClick={() => setForking(true)}>
          <span aria-hidden="true">↱</span> {t.forkHere}
        </button>
      )}
      <button
        type="button"
        aria-pressed={moment.isNewest && !playing}
        title={t.last}
        onClick={() => {
          setPlaying(false);
          goTo(null);
        }}
      >
        {t.toLive}
      </button>
      {forking && <ForkDialog close={() => setForking(false)} />}
    </div>
  );
}

/** Move the playhead as the events were apart in time. */
function usePlayback(playing: boolean, speed: Speed, stop: () => void): void {
  const { data, moment, goTo } = useWorkspace();
  const newest = useRef({ data, moment, goTo, stop });
  useEffect(() => {
    newest.current = { data, moment, goTo, stop };
  });
  useEffect(() => {
    if (!playing) return;
    let elapsed = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      elapsed += (now - last) / 1000;
      last = now;
      const { index } = newest.current.data.history;
      const times = { length: index.length, at: (place: number) => index.time(place) };
      const { count: before } = newest.current.moment;
      const next = advanced(times, before, elapsed, speed);
      elapsed = next.elapsed;
      if (next.count !== before) newest.current.goTo(next.count);
      if (next.count >= index.length) newest.current.stop();
    }, TICK);
    return () => clearInterval(timer);
  }, [playing, speed]);
}

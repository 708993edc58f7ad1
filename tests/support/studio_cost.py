"""What something costs the browser's main thread and heap, by DevTools' metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from playwright.async_api import CDPSession, Page

LONGEST = """
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration);
  }).observe({entryTypes: ["longtask"]});
"""


class Cost:
    """Prints seconds of script and of all tasks, the heap before and after, and the longest task.

    Args:
        opened: The page.
        what: What is measured.
    """

    def __init__(self, opened: Page, what: str) -> None:
        self._page = opened
        self._what = what
        self.heap_grew = 0.0
        """Bytes, after collections of garbage."""

    async def __aenter__(self) -> Self:
        self._session: CDPSession = await self._page.context.new_cdp_session(self._page)
        await self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        await self._page.add_init_script(LONGEST)
        await self._page.evaluate(LONGEST)
        self._before = await self._measured()
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        if kind is None:
            after = await self._measured()
            grown = {name: value - self._before[name] for name, value in after.items()}
            self.heap_grew = grown["JSHeapUsedSize"]
            heap = (
                f"{self._before['JSHeapUsedSize'] / 1e6:.1f} to {after['JSHeapUsedSize'] / 1e6:.1f}"
            )
            longest = await self._page.evaluate("window.longest")
            print(
                f"\n{self._what}: script {grown['ScriptDuration'] * 1e3:,.0f} ms, "
                f"all tasks {grown['TaskDuration'] * 1e3:,.0f} ms, heap {heap} MB, "
                f"longest task {longest:.0f} ms"
            )
        await self._session.detach()

    async def _measured(self) -> dict[str, float]:
        await self._session.send("HeapProfiler.collectGarbage")
        found = await self._session.send("Performance.getMetrics")
        return {one["name"]: one["value"] for one in found["metrics"]}

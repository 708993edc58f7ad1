"""The live tree: nodes with status, time and tokens, and the text that is being written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text
from rich.tree import Tree

from runfold.contracts.events import Recorded, RecordedChunk
from runfold.engine.history.fold import Folder
from runfold.engine.views.runs import NodeView, run_view
from runfold.graph.plan.plan import Plan
from runfold.ids import address_of

TEXT_LINES = 8
"""Lines of running text shown under the tree."""
STYLES = {
    "running": ("▶", "cyan"),
    "retrying": ("↻", "yellow"),
    "waiting": ("⏸", "magenta"),
    "succeeded": ("✔", "green"),
    "failed": ("✘", "red"),
    "exception": ("!", "yellow"),
    "skipped": ("·", "dim"),
    "cancelled": ("■", "dim"),
    "pending": (" ", "dim"),
}


class LiveTree:
    """Shows a run as a tree that changes in place; `runfold.cli.progress.Progress`."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._folder: Folder | None = None
        self._texts: dict[str, str] = {}
        self._live = Live(console=Console(), refresh_per_second=12, transient=False)
        self._live.start()

    def on_event(self, record: Recorded, folder: Folder) -> None:
        """Show the state after an event."""
        del record
        self._folder = folder
        self._draw()

    def on_chunk(self, chunk: RecordedChunk) -> None:
        """Add a piece of text."""
        piece = chunk.chunk
        address = address_of(piece.scope, piece.node_id)
        if piece.final:
            self._texts.pop(address, None)
        elif piece.kind == "text":
            self._texts[address] = self._texts.get(address, "") + piece.text
        self._draw()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Give the terminal to a question."""
        self._live.stop()
        yield
        self._live.start()

    def close(self) -> None:
        """Leave the last picture."""
        self._texts.clear()
        self._draw()
        self._live.stop()

    def _draw(self) -> None:
        if self._folder is None:
            return
        view = run_view(self._folder.plan, self._folder.state)
        tree = Tree(f"[bold]{view.workflow_id}[/bold]  {view.run_id}  {view.status}")
        branches = {"": tree}
        for node in view.nodes:
            around = node.scope.rpartition("[")[0] if node.scope else ""
            parent = branches.get(around, tree)
            branches[node.address] = parent.add(_label(node))
        shown: list[Tree | Text] = [tree]
        for address, text in self._texts.items():
            tail = "\n".join(text.splitlines()[-TEXT_LINES:])
            shown.append(Text(f"{address}: {tail}", style="dim"))
        self._live.update(Group(*shown))


def _label(node: NodeView) -> Text:
    mark, style = STYLES.get(node.status, (" ", ""))
    label = Text(f"{mark} {node.address}", style=style)
    label.append(f"  {node.type}", style="dim")
    if node.duration:
        label.append(f"  {node.duration:.2f} s", style="dim")
    if node.usage is not None and node.usage.total_tokens:
        label.append(f"  {node.usage.total_tokens} tokens", style="dim")
    if node.error is not None:
        label.append(f"  {node.error.code}: {node.error.message}", style="red")
    return label

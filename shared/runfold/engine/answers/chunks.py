"""What streaming nodes have said so far, by the chunks that came of them."""

from __future__ import annotations

from runfold.contracts.events import StreamChunk
from runfold.ids import address_of


class Heard:
    """The pieces of one run's nodes, each node's newest attempt only."""

    def __init__(self) -> None:
        self._texts: dict[str, _Text] = {}

    def add(self, chunk: StreamChunk) -> None:
        """Take a chunk."""
        address = address_of(chunk.scope, chunk.node_id)
        text = self._texts.setdefault(address, _Text())
        if chunk.attempt < text.attempt:
            return
        if chunk.attempt > text.attempt or chunk.index == 0:
            # Another attempt, or the same one taken up by another executor, begins anew.
            text = self._texts[address] = _Text(chunk.attempt)
        elif chunk.index <= text.last_index:
            return
        text.last_index = chunk.index
        if chunk.kind != "variable":
            text.pieces.setdefault(chunk.name, []).append(chunk.text)

    def text(self, address: str, output: str, attempt: int | None) -> str:
        """What was said of an output; None asks for whatever attempt was heard last."""
        text = self._texts.get(address)
        if text is None or attempt not in (None, text.attempt):
            return ""
        return "".join(text.pieces.get(output, ()))

    def anything(self, address: str) -> bool:
        """Whether a node has said anything."""
        return address in self._texts


class _Text:
    __slots__ = ("attempt", "last_index", "pieces")

    def __init__(self, attempt: int = 0) -> None:
        self.attempt = attempt
        self.last_index = -1
        self.pieces: dict[str, list[str]] = {}

"""The text that nodes have streamed so far, put together from their chunks."""

from __future__ import annotations

from runfold.contracts.events import StreamChunk
from runfold.ids import address_of


class StreamedTexts:
    """The streamed outputs of one run's nodes: of each node, its newest attempt only."""

    def __init__(self) -> None:
        self._texts: dict[str, _Text] = {}

    def add(self, chunk: StreamChunk) -> None:
        """Add a chunk; one that is repeated or of an older attempt changes nothing."""
        address = address_of(chunk.scope, chunk.node_id)
        text = self._texts.setdefault(address, _Text())
        if chunk.attempt < text.attempt:
            return
        if chunk.attempt > text.attempt or chunk.index == 0:
            # Another attempt, or the same one on another executor, begins anew.
            text = self._texts[address] = _Text(chunk.attempt)
        elif chunk.index <= text.last_index:
            return
        text.last_index = chunk.index
        if chunk.kind != "variable":
            text.pieces.setdefault(chunk.name, []).append(chunk.text)

    def text(self, address: str, output: str, attempt: int | None) -> str:
        """The text of an output so far; `attempt` None stands for the newest attempt."""
        text = self._texts.get(address)
        if text is None or attempt not in (None, text.attempt):
            return ""
        pieces = text.pieces.get(output)
        if pieces is None:
            return ""
        if len(pieces) > 1:
            pieces[:] = ["".join(pieces)]  # it is asked for after each piece
        return pieces[0]

    def has_any(self, address: str) -> bool:
        """Whether a node has streamed anything."""
        return address in self._texts


class _Text:
    __slots__ = ("attempt", "last_index", "pieces")

    def __init__(self, attempt: int = 0) -> None:
        self.attempt = attempt
        self.last_index = -1
        self.pieces: dict[str, list[str]] = {}

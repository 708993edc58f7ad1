"""A changed value in each place that may be its own: an import of the result tells which one is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from runfold.exporters.coze.leaves import Way, changes, places_in, put, references_in
from runfold.exporters.coze.spelling import inputs_of, literal_like, template_like
from runfold.exporters.exporter import Side
from runfold.exporters.reviewing import imported_side
from runfold.exporters.writing import NotMappable
from runfold.importers.coze.fields import plain, rows
from runfold.importers.coze.texts import loosely
from runfold.values.references import Ref, exact_ref

_MOST, _ALL = 40, 400
"""Places that are tried for one value, and for all of a document: each is an import."""

Undo = Callable[[], None]


class Trials:
    """Writes changed values into a document.

    Args:
        document: The document, which is changed in place.
        now: The definition.
        blocks: Id → node of the canvas in that document.
    """

    def __init__(self, document: Any, now: Side, blocks: dict[str, dict[str, Any]]) -> None:
        self._document = document
        self._now = now
        self._blocks = blocks
        self._natives = {source: native for native, source in reversed(now.sources.items())}
        self._natives |= {one: one for one in now.sources if one in blocks}
        self._left = _ALL

    def write(self, block: dict[str, Any], native: str, before: Any, now: Any) -> None:
        """Write what changed of a native node's settings into a node of the canvas.

        Raises:
            NotMappable: There is no place for it.
        """
        held = deepcopy(before)
        for way, then, here in changes(before, now):
            put(held, way, here)
            self._put(block, native, held, way, then, here)

    def _put(
        self, block: dict[str, Any], native: str, held: Any, way: Way, then: Any, here: Any
    ) -> None:
        for number, undo in enumerate(self._candidates(block, then, here)):
            self._left -= 1
            if number < _MOST and self._left > 0 and self._reads(native, held):
                return
            undo()
        where = ".".join(str(step) for step in way)
        message = f"the canvas has no place for `{where}` as it is now: change it in Coze"
        raise NotMappable(message)

    def _reads(self, native: str, held: Any) -> bool:
        """Whether an import of the document gives the settings as they are to be."""
        text = json.dumps(self._document)
        side = imported_side(self._now.definition, text, "coze")
        placed = side.flat.nodes.get(native) if side is not None else None
        return placed is not None and loosely(placed.node.config) == loosely(held)

    def _candidates(self, block: dict[str, Any], then: Any, here: Any) -> Iterator[Undo]:
        """Put a value in one place after another; each gives what takes it out again."""
        inputs = inputs_of(block, self._natives)
        data = block.get("data")
        for holder, key, leaf in list(places_in(data)):
            spelled = template_like(leaf, then, here, inputs)
            if spelled is None:
                spelled = literal_like(leaf, then, here)
            if spelled is not None:
                holder[key] = spelled
                yield _back(holder, {key: leaf})
        source, target = exact_ref(then), exact_ref(here)
        if source is None or target is None:
            return
        root = self._now.sources.get(target.root, target.root)
        for content in list(references_in(data)):
            if plain(content["blockID"]) == self._now.sources.get(source.root, source.root):
                held = {key: content[key] for key in ("blockID", "name")}
                for name in self._names(root, target):
                    content.update({"blockID": root, "name": name})
                    yield _back(content, held)

    def _names(self, root: str, target: Ref) -> list[str]:
        """What an output may be called there: as here, or as the node declares its outputs."""
        path = ".".join(str(step) for step in target.path)
        block = self._blocks.get(root, {})
        data = block.get("data")
        outputs = data.get("outputs") if isinstance(data, dict) else None
        return list(dict.fromkeys((path, *(plain(one.get("name")) for one in rows(outputs)))))


def _back(holder: Any, held: dict[Any, Any]) -> Undo:
    def undo() -> None:
        for key, value in held.items():
            holder[key] = value

    return undo

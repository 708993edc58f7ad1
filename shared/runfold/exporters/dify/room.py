"""What the writer of a kind is given beside the node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.exporters.dify.text import jinja_of, selector_of, text_of, values_of
from runfold.exporters.flat import Flat
from runfold.graph.definition import Node
from runfold.importers.dify.flow import Path
from runfold.values.references import Ref

Select = Callable[[Ref, str], Path]
"""Reference and native node that reads it → selector. Raises `NotMappable`."""


class Room:
    """One node's view of the definition.

    Args:
        node: The node.
        flat: The definition, flattened.
        names: What references mean in the document.
        definition: The definition as it is written.
        sources: Native id → id in the document.
        chats: Whether a run answers a message.
        reader: The native node that reads what its settings refer to.
    """

    def __init__(
        self,
        node: Node,
        flat: Flat,
        names: Select,
        definition: dict[str, Any],
        sources: dict[str, str],
        *,
        chats: bool,
        reader: str = "",
    ) -> None:
        self.node = node
        self.flat = flat
        self.definition = definition
        self.sources = sources
        self.chats = chats
        self._names = names
        self._reader = reader or node.id

    def inside(self) -> Room:
        """The view that the body of a container has."""
        inner = self.flat.inside(self.node.id)
        return Room(
            self.node,
            self.flat,
            self._names,
            self.definition,
            self.sources,
            chats=self.chats,
            reader=inner[0] if inner else self.node.id,
        )

    def select(self, ref: Ref) -> Path:
        """The selector of a reference. Raises `NotMappable`."""
        return self._names(ref, self._reader)

    def selector(self, value: Any) -> list[str]:
        """A lone reference as a selector. Raises `NotMappable`."""
        return selector_of(value, self.select)

    def text(self, value: Any) -> str:
        """A template as a text of Dify. Raises `NotMappable`."""
        return text_of(value, self.select)

    def jinja(self, value: Any) -> tuple[str, list[dict[str, Any]]]:
        """A template as Jinja2 and its declared variables. Raises `NotMappable`."""
        return jinja_of(value, self.select)

    def values(self, value: Any) -> Any:
        """A value with all texts in it. Raises `NotMappable`."""
        return values_of(value, self.select)

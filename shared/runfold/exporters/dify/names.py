"""References as selectors of Dify: `node.output` → `[node, name, …]`."""

from __future__ import annotations

from collections.abc import Mapping

from runfold.exporters.dify.kind import WrittenKind
from runfold.exporters.flat import Flat
from runfold.exporters.writing import NotMappable
from runfold.graph.definition import Node
from runfold.importers.dify.flow import PROFILE, Path
from runfold.importers.dify.names import FAILURE, FILE_FIELDS, SYSTEM, TAKEN
from runfold.values.references import Ref

MESSAGE = "query"
FILES = "files"
_SYSTEM_HERE = {"query": "query", "files": "files", **{ours: dify for dify, ours in SYSTEM.items()}}
_FAILURE_HERE = {way: (name,) for name, way in FAILURE.items()}
_FILE_FIELDS_HERE = {ours: dify for dify, ours in reversed(FILE_FIELDS.items())}
_FILE_TYPES = ("file", "files")


class Names:
    """What references mean in the document.

    Args:
        flat: The definition.
        sources: Native id → id in the document.
        kinds: Native id → how it is written, of those that are.
        start: Id in the document of the node with the run's inputs.
        starts: Native nodes that stand for it.
        inputs: Input of the run → its type.
        chats: Whether a run answers a message.
    """

    def __init__(
        self,
        flat: Flat,
        sources: Mapping[str, str],
        kinds: Mapping[str, WrittenKind],
        start: str,
        starts: frozenset[str],
        inputs: Mapping[str, str],
        *,
        chats: bool,
    ) -> None:
        self._flat = flat
        self._sources = sources
        self._kinds = kinds
        self._start = start
        self._starts = starts
        self._inputs = inputs
        self._chats = chats

    def selector(self, ref: Ref, reader: str) -> Path:
        """The selector of what a reference names.

        Args:
            ref: The reference.
            reader: The native node that reads it.

        Raises:
            NotMappable: Dify has nothing of that name.
        """
        path = _texts(ref)
        inner = self._inside(ref.root, path, reader)
        if inner is not None:
            return inner
        placed = self._flat.nodes.get(ref.root)
        if placed is not None:
            return self._output(placed.node, path, ref)
        if ref.root in ("env", "secrets", "conversation") and path:
            return ("conversation" if ref.root == "conversation" else "env", *path)
        if ref.root == "sys" and path and path[0] in _SYSTEM_HERE:
            return ("sys", _SYSTEM_HERE[path[0]], *path[1:])
        if ref.root in self._inputs:
            return self._input((ref.root, *path))
        message = f"Dify has nothing that `{ref.text}` could refer to"
        raise NotMappable(message)

    def _inside(self, root: str, path: Path, reader: str) -> Path | None:
        """What the containers around the reader provide."""
        for container in self._flat.around(reader):
            variables = container.config.get("variables")
            source = self._sources.get(container.id, container.id)
            if container.type == "loop" and isinstance(variables, dict) and root in variables:
                return (source, label(root), *path)
            if root in ("item", "index"):
                return (source, root, *path)
        return None

    def _output(self, node: Node, path: Path, ref: Ref) -> Path:
        source = self._sources.get(node.id, node.id)
        if not path:
            message = f"Dify has no reference to all that a node gives, as `{ref.text}` is"
            raise NotMappable(message)
        if node.id in self._starts:
            return self._input(path)
        if path in _FAILURE_HERE:
            return (source, *_FAILURE_HERE[path])
        kind = self._kinds.get(node.id)
        if kind is None:
            return (source, *path)
        way = kind.spell(node, path) if kind.spell else None
        if way is None:
            first = kind.outputs.get(path[0])
            way = None if first is None else (*first, *path[1:])
        if way is None and node.profile == PROFILE:
            way = path  # it came from there, whether its node declares it or not
        if way is None:
            message = f"nodes of Dify do not give what `{ref.text}` reads"
            raise NotMappable(message)
        return (source, *way)

    def _input(self, path: Path) -> Path:
        if self._chats and path[0] in (MESSAGE, FILES):
            return ("sys", *path)
        if len(path) > 1 and self._inputs.get(path[0]) in _FILE_TYPES:
            path = (*path[:-1], file_field(path[-1]))
        return (self._start, *path)


def file_field(name: str) -> str:
    """An attribute of a file as Dify calls it."""
    return _FILE_FIELDS_HERE.get(name, name)


def label(name: str) -> str:
    """A loop variable as Dify calls it."""
    plain = name.removesuffix("_")
    return plain if plain in TAKEN else name


def _texts(ref: Ref) -> Path:
    if any(isinstance(step, int) for step in ref.path):
        message = f"Dify has no reference to one item of a list, as `{ref.text}` is"
        raise NotMappable(message)
    return tuple(str(step) for step in ref.path)

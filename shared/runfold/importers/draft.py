"""A native definition while it is being made, and the report that grows with it.

What all importers need is here: ids that are fit and unique, lines of the report, needs,
placeholders. What a format means is in its own folder.
"""

from __future__ import annotations

import re
from typing import Any
from unicodedata import normalize

from runfold.graph.layouts import Layout, Note, coordinate
from runfold.importers.report import Format, Imported, Line, Need, NeedKind, Result, status_of

_UNFIT = re.compile(r"[^\w-]+")
_BLOCK = re.compile(r"\{(?=[{%#])")
_NOTE = (240.0, 160.0)
"""Size of a note that says none."""
_LONGEST_NOTE = 10_000
_LONGEST_COLOR = 64
MAX_ID = 64
"""Characters of an id that is made of another."""


class Draft:
    """One definition.

    Args:
        source: The format it is made from.
        workflow_id: Its id here.
        name: What it is called.
        taken: Ids and names that no node may have.
    """

    def __init__(
        self, source: Format, workflow_id: str, name: str = "", taken: tuple[str, ...] = ()
    ) -> None:
        self.format = source
        self.definition: dict[str, Any] = {"id": native_id(workflow_id) or "imported"}
        if name:
            self.definition["name"] = name
        self.lines: list[Line] = []
        self.ids: dict[str, str] = {}
        """Id in the source → id here."""
        self.steps: dict[str, str] = {}
        """Id here of a further node that one of the source became → its id in the source."""
        self._taken = {"start", "end", "item", "index", "sys", "env", "secrets", *taken}
        self.notes: list[Note] = []
        """Notes on the canvas, in units of the source."""
        self._needs: dict[tuple[NeedKind, str], Need] = {}

    def id_of(self, source_id: str) -> str:
        """The id here of a node of the source: the same one for the same node."""
        known = self.ids.get(source_id)
        if known is None:
            known = self.ids[source_id] = self.fresh_id(source_id)
        return known

    def fresh_id(self, wanted: str) -> str:
        """An id that no node has, like the one that is wanted."""
        base = native_id(wanted) or "node"
        made, number = base, 2
        while made in self._taken:
            made, number = f"{base[: MAX_ID - 6]}_{number}", number + 1
        self._taken.add(made)
        return made

    def line(self, node: str, type_: str, result: Result = "mapped", reason: str = "") -> None:
        """Say what became of a node of the source."""
        self.lines.append(Line(node, type_, result, reason))

    def need(self, kind: NeedKind, name: str, node: str = "", hint: str = "") -> None:
        """Say that something has to be given here, once for all nodes that use it."""
        before = self._needs.get((kind, name), Need(kind, name, (), hint))
        nodes = before.nodes if not node or node in before.nodes else (*before.nodes, node)
        self._needs[kind, name] = Need(kind, name, nodes, before.hint or hint)

    def note(
        self, note_id: str, text: str, corner: tuple[Any, Any], size: tuple[Any, Any], color: str
    ) -> None:
        """Keep a note of the canvas; one that stands nowhere stands at the canvas' origin.

        Args:
            note_id: Its id in the source.
            text: What it says.
            corner: Its upper left corner, in units of the source.
            size: Width and height; anything that is no size is that of a small note.
            color: A name or `#rrggbb`; empty: the usual one.
        """
        x, y = (coordinate(one) or 0.0 for one in corner)
        width, height = (
            usual if (given := coordinate(one)) is None or given <= 0 else given
            for one, usual in zip(size, _NOTE, strict=True)
        )
        said = text if len(text) <= _LONGEST_NOTE else f"{text[:_LONGEST_NOTE]} …"
        self.notes.append(Note(note_id, said, x, y, width, height, color[:_LONGEST_COLOR]))

    def imported(self) -> Imported:
        """What it came to."""
        origin = self.definition.setdefault("origin", {})
        own = {native: source for source, native in self.ids.items()}
        origin["nodes"] = {**self.steps, **own}
        report = tuple(self.lines)
        needs = tuple(self._needs.values())
        workflow_id = self.definition["id"]
        return Imported(
            self.format,
            workflow_id,
            status_of(report),
            report,
            needs,
            self.definition,
            Layout(notes=tuple(self.notes)),
        )


def native_id(text: str) -> str:
    """Any text as an id: letters and digits of any script, `_` and `-`; empty when none is left."""
    return _UNFIT.sub("_", normalize("NFC", text)).strip("_-")[:MAX_ID].strip("_-")


def as_words(text: str) -> str:
    """Text that no template is read in."""
    return _BLOCK.sub("{ ", text)


def placeholder(
    node_id: str,
    of: str,
    reason: str,
    *,
    name: str = "",
    need: str = "",
    parameters: dict[str, Any] | None = None,
    ports: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A node that stands for one that cannot run here; it fails when it is reached.

    Args:
        node_id: Its id.
        of: What it stands for, as the source calls it: `tool google/search`.
        reason: Why it cannot run, and what to do.
        name: What it is called.
        need: Name of the need that a binding can give it, as the report has it.
        parameters: The settings of the source, kept; references in them are written for here.
        ports: Ports that edges leave it at, beside `out`.
    """
    config: dict[str, Any] = {"of": as_words(of), "reason": as_words(reason)}
    if need:
        config["need"] = need
    if parameters:
        config["parameters"] = parameters
    if ports:
        config["ports"] = list(ports)
    node: dict[str, Any] = {"id": node_id, "type": "placeholder", "config": config}
    return {**node, "name": name} if name else node

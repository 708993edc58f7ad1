"""One node of a canvas while its native node is being made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from runfold.importers.coze.canvas import Block, Canvas
from runfold.importers.coze.fields import obj, plain, rows
from runfold.importers.coze.names import Names, Outputs
from runfold.importers.coze.texts import (
    Path,
    Place,
    Text,
    entered,
    filled,
    joined,
    native,
    steps_of,
)
from runfold.importers.coze.types import differs, schema_of, short, zero
from runfold.importers.draft import Draft
from runfold.importers.importer import Context
from runfold.importers.report import NeedKind, Result

PROFILE = "coze"
BEFORE = "before"
"""In nodes of `Built.after`, the id of the node that they follow: `{{before.output}}`."""


class _Zero(NamedTuple):
    """What an input is that is null, and whether its source has always run."""

    value: Any = None
    is_sure: bool = False


def as_it_is(_path: Path, value: Any) -> Any:
    """A value that stands where a template names it, with nothing done to it."""
    return value


class Built(msgspec.Struct, kw_only=True):
    """What a node came to."""

    type: str
    config: dict[str, Any]
    result: Result = "mapped"
    reason: str = ""
    ports: dict[str, str] = {}
    """Ports in Coze → ports here; others are `out`."""
    before: list[dict[str, Any]] = []
    """Nodes that go before it."""
    beside: dict[str, dict[str, Any]] = {}
    """Nodes that it leads to at a port, and what of them has the same ports goes on alike."""
    after: list[dict[str, Any]] = []
    """Nodes that follow it. With any, the last has the id, and this node another."""
    given: Outputs = {}
    """With nodes that follow: what the outputs of this one are called."""
    settings: dict[str, Any] = {}
    """Settings beside the configuration: `retry`, `timeout`."""
    is_task: bool = True
    """Whether an executor runs it, so that an attempt can be cut off."""


class Step:
    """A node, and what it may ask.

    Args:
        block: The node.
        canvas: The canvas that it is in.
        names: What references mean.
        draft: The definition that is made.
        context: What the import was told.
        called: The id of its own native node, where that is not the one that others know.
    """

    def __init__(
        self,
        block: Block,
        canvas: Canvas,
        names: Names,
        draft: Draft,
        context: Context,
        body: Callable[[str], tuple[list[dict[str, Any]], list[dict[str, Any]]]],
        called: str = "",
    ) -> None:
        self.block = block
        self.canvas = canvas
        self.names = names
        self.draft = draft
        self.context = context
        self.body = body
        """Nodes and edges of the body of a loop or batch."""
        self.id = called or draft.id_of(block.id)
        self.notes: list[str] = []
        """What is not quite the same, for the report."""
        self.is_exact = False
        """Whether an input is made to fit where only a run shows the type of its source."""
        self._fitted: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._zeros: dict[str, _Zero] = {}
        self._fitting = ""
        self._inputs: dict[str, Any] | None = None

    @property
    def inputs(self) -> dict[str, Any]:
        """Its inputs by name; what is declared of another type than its source is made to fit."""
        if self._inputs is None:
            self._inputs = {
                plain(one.get("name")): self.input(one.get("input"), plain(one.get("name")))
                for one in self.block.parameters
                if plain(one.get("name"))
            }
        return self._inputs

    @property
    def empties(self) -> dict[str, Any]:
        """What inputs are instead of null, where their types have an empty value."""
        known = {name: self._zeros[name].value for name in self.inputs}
        return {name: empty for name, empty in known.items() if empty is not None}

    def input(self, declared: Any, name: str) -> Any:
        """The value of one input, made to fit where it has to be."""
        found, wanted = self.names.value(declared, self.block), schema_of(declared)
        value = found.value
        is_sure = not found.block or self.names.ways.surely_before(found.block, self.block)
        self._zeros[name] = _Zero(zero(declared), is_sure)
        if not isinstance(value, Place):
            return value
        is_unsure = self.is_exact and bool(wanted) and self.names.is_declared_elsewhere(found.block)
        if not is_unsure and not differs(found.schema, wanted):
            return value
        return self.kept(value, name, wanted)

    def kept(self, value: Any, name: str, schema: dict[str, Any] | None = None) -> Place:
        """A value as it is before the node begins, made to fit a type."""
        key, number = name, 2
        while key in self._fitted:
            key, number = f"{name}_{number}", number + 1
        self._fitted[key] = (value, schema or {})
        self._fitting = self._fitting or self.draft.fresh_id(f"{self.id}_inputs")
        return Place(self._fitting, (key,))

    def before(self) -> list[dict[str, Any]]:
        """The node that makes inputs fit their types, when one is needed."""
        if not self._fitted:
            return []
        outputs = {name: native(value) for name, (value, _) in self._fitted.items()}
        types = {name: short(schema) for name, (_, schema) in self._fitted.items() if schema}
        config = {"outputs": outputs} | ({"types": types} if types else {})
        return [self.node(self._fitting, "values", config)]

    def value(self, declared: Any) -> Any:
        """The value of an input that stands somewhere in the settings."""
        return self.names.value(declared, self.block).value

    def pieces(
        self,
        template: Any,
        inputs: dict[str, Any] | None = None,
        shown: Callable[[Path, Any], Any] | None = None,
    ) -> list[str | Place]:
        """A template over the node's inputs as text and references.

        Args:
            template: The text.
            inputs: The inputs that it may name, if not all.
            shown: What stands there for a value, of what it is called and the value; by default
                the value as it is in text.
        """
        if isinstance(template, Place):
            return [template]
        known = self.inputs if inputs is None else inputs

        def fill(expression: str) -> Any:
            path = steps_of(expression)
            if path[0] not in known:
                return self.names.expression(expression, self.block)
            value = entered(known[str(path[0])], path[1:])
            return self.in_text(path, value) if shown is None else shown(path, value)

        return filled(plain(template), fill)

    def in_text(self, path: Path, value: Any) -> Any:
        """A number or truth value in text: null is 0 or false there, what was skipped nothing."""
        empty = self._zeros.get(str(path[0]), _Zero()) if len(path) == 1 else _Zero()
        if not empty.is_sure or empty.value in (None, ""):
            return value
        if isinstance(value, Place):
            return value if value.filters else value.or_else(empty.value)
        return empty.value if value is None else value

    def text(self, template: Any) -> str:
        """A template over the node's inputs as a native one."""
        return joined(self.pieces(template))

    def words(self, text: str) -> Any:
        """Text in which outputs and global variables may be named, but no inputs."""
        pieces = self.pieces(text, {})
        return pieces[0] if len(pieces) == 1 else Text(joined(pieces))

    def literal(self, declared: Any) -> Any:
        """A setting that is written down: as `{type, value}`, or as it is."""
        if isinstance(declared, dict) and "value" in declared:
            return self.value(declared)
        return declared

    def need(self, kind: NeedKind, name: str, hint: str = "") -> None:
        """Say that something has to be given here."""
        self.draft.need(kind, name, self.block.id, hint)

    def node(self, node_id: str, type_: str, config: dict[str, Any]) -> dict[str, Any]:
        """A native node that is made beside the one of the block."""
        name = self.block.title
        return {"id": node_id, "type": type_, "config": config, "profile": PROFILE} | (
            {"name": name} if name else {}
        )


def params(value: Any) -> dict[str, Any]:
    """A list of `{name, input}` by name."""
    return {plain(one.get("name")): one.get("input") for one in rows(value)}


def settings(step: Step, value: Any) -> dict[str, Any]:
    """Settings by name: a list of `{name, input}`, or an object."""
    given = params(value) if isinstance(value, list) else obj(value)
    return {name: step.literal(one) for name, one in given.items()}


Build = Callable[[Step], Built]


def same_names(_block: Block) -> Outputs:
    """Outputs that are called here what they are called in Coze."""
    return {}


class Kind(NamedTuple):
    """One type of nodes of Coze."""

    name: str
    build: Build
    outputs: Callable[[Block], Outputs] = same_names

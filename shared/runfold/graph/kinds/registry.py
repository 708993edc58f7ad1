"""The table of node kinds. They register when imported, built-in ones on first use."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from runfold.errors import ConfigurationError
from runfold.graph.definition import OUT
from runfold.graph.kinds.hints import Hints

INLINE = "inline"
"""The group of kinds the scheduler decides itself, without a task."""

Ports = Callable[[dict[str, Any]], tuple[str, ...]]


class Problem(NamedTuple):
    """Something wrong with a configuration that its struct cannot say."""

    field: str
    message: str
    code: str = "config.wrong_value"


Rules = Callable[[dict[str, Any]], Iterable[Problem]]
OutputTypes = Callable[[dict[str, Any]], dict[str, str]]
Bodies = Callable[[dict[str, Any]], dict[str, tuple[str, ...]]]
NamesOfBody = Callable[[dict[str, Any], str], frozenset[str] | None]
Reads = Callable[[dict[str, Any]], dict[str, Any]]
Names = Callable[[dict[str, Any]], frozenset[str]]
Holds = Callable[[dict[str, Any]], bool]
ExtraFor = Callable[[dict[str, Any]], str]
Origins = dict[str, tuple[str, bool]]
"""Place in the `bodies` of a configuration that was written out → the place in the node that it was
made from, and whether all inside it was; else what is inside is the same way down from there."""
Expand = Callable[[dict[str, Any]], tuple[dict[str, Any], Origins]]
Becomes = Callable[[dict[str, Any]], str]
Texts = Callable[[dict[str, Any]], Iterable[tuple[str | int, ...]]]


def only_out(_config: dict[str, Any]) -> tuple[str, ...]:
    """The ports of a kind that does not branch."""
    return (OUT,)


def no_rules(_config: dict[str, Any]) -> Iterable[Problem]:
    """The rules of a kind whose struct says it all."""
    return ()


def none_declared(_config: dict[str, Any]) -> dict[str, str]:
    """The declared outputs of a kind whose configuration declares none."""
    return {}


def no_bodies(_config: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The bodies of a kind that is no composite."""
    return {}


def no_names(_config: dict[str, Any]) -> frozenset[str]:
    """What a kind without bodies of its own provides inside them."""
    return frozenset()


def all_names(_config: dict[str, Any], _body: str) -> frozenset[str] | None:
    """The names inside a body of a kind whose bodies all have the same."""
    return None


def reads_nothing(_config: dict[str, Any]) -> dict[str, Any]:
    """What a kind reads with the names it provides, when that is in its bodies alone."""
    return {}


def no_extra(_config: dict[str, Any]) -> str:
    """The further extra of a kind whose configurations all need the same."""
    return ""


def no_texts(_config: dict[str, Any]) -> Iterable[tuple[str | int, ...]]:
    """The texts of a kind that declares each of them as text."""
    return ()


def never(_config: dict[str, Any]) -> bool:
    """What holds for no configuration."""
    return False


def as_it_is(config: dict[str, Any]) -> tuple[dict[str, Any], Origins]:
    """The configuration of a kind that is short for nothing."""
    return config, {}


def itself(_config: dict[str, Any]) -> str:
    """What a kind becomes that is what it is called."""
    return ""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One node kind."""

    type: str
    group: str
    """`inline`, or the executor group whose queue its tasks go to."""
    config: builtins.type[msgspec.Struct]
    """Struct with `forbid_unknown_fields`; the shape of the rendered configuration."""
    summary: str
    """One line for listings."""
    aliases: tuple[str, ...] = ()
    ports: Ports = only_out
    """Normal ports for a configuration; `error` is added by the error strategy."""
    outputs: tuple[str, ...] | None = None
    """Names that `{{node.name}}` may read; None: not known beforehand. `output` always works."""
    raw: tuple[str, ...] = ()
    """Configuration fields never rendered as templates (source code, expressions)."""
    texts: Texts = no_texts
    """Places in a configuration, beside fields of declared text, whose templates are for text: a
    node with a profile writes what a lone reference stands for as its source does."""
    asks: Texts = no_texts
    """Places in a configuration whose texts a model is asked: a profile may need what they refer
    to."""
    prints: tuple[str, ...] = ()
    """Configuration fields that are templates of the engine: likewise, as it prints values."""
    needs: tuple[str, ...] = ()
    """Configuration fields whose lone reference must lead somewhere, if a profile asks for it."""
    written: tuple[str, ...] = ()
    """Settings in which numbers, truth values and choices are read as they are written; settings
    that are such values themselves are among `hints.fixed`."""
    extra: str = ""
    """The extra of `runfold.graph.extras` that its executor is installed with; empty: none."""
    extra_for: ExtraFor = no_extra
    """The extra that a configuration needs beside; empty: none."""
    streams: bool = False
    """Whether chunks may come before the result."""
    sources: str = ""
    """The output that lists what an answer may rest on: told as `retriever_resource` before the
    result, where it lists any."""
    backup: str = ""
    """Configuration field that names what is used instead in one more attempt, after the others."""
    takes_stream: tuple[str, ...] = ()
    """Configuration fields whose text may be taken piece by piece, with `ctx.incoming(field)`."""
    rules: Rules = no_rules
    """Problems of an unrendered configuration, for the checks; values may be templates."""
    declared: OutputTypes = none_declared
    """Outputs that a configuration declares, with their types; if any, there are no others."""
    bodies: Bodies = no_bodies
    """For composites: name of each body → keys to the object in it that has `nodes`, `edges`."""
    provides: Names = no_names
    """Root names that a composite provides inside its bodies."""
    provides_in: NamesOfBody = all_names
    """Those of them that it provides inside one of its bodies; None: all."""
    hides: frozenset[str] = frozenset()
    """Those that an author may have given a node or an input around it as well: the check says so
    where one is read in what is `authored`."""
    authored: Reads = reads_nothing
    """Place in the configuration → what the author wrote there that is read in a body, where bodies
    are written out."""
    reads: Reads = reads_nothing
    """Place in the configuration → what a composite reads there itself with those names, where
    that is in no body."""
    inner: tuple[str, ...] = ()
    """Configuration fields read inside a body's scope, not around the composite."""
    sequential: Holds = never
    """Whether each scope of a composite may depend on those before it."""
    expand: Expand = as_it_is
    """Writes out, in `bodies`, what a configuration as its author writes it is short for."""
    becomes: Becomes = itself
    """The type that a node of this kind is read as, by its configuration; empty: its own."""
    retried_body: str = ""
    """The body whose node is retried as the composite says; others say it themselves."""
    hints: Hints = Hints()
    """What editors are told beside all this."""

    def names_in(self, config: dict[str, Any], body: str) -> frozenset[str]:
        """Root names that a composite provides inside one of its bodies."""
        names = self.provides_in(config, body)
        return self.provides(config) if names is None else names


_kinds: dict[str, Kind] = {}
_loaded = False


def register(kind: Kind) -> Kind:
    """Add a kind under its type and aliases.

    Raises:
        ConfigurationError: When a different kind already has the name.
    """
    for name in (kind.type, *kind.aliases):
        present = _kinds.setdefault(name, kind)
        if present != kind:
            message = f"node type {name!r} is already taken by {present.summary!r}"
            raise ConfigurationError(message, code="kind.duplicate")
    return kind


def load_builtin() -> None:
    """Import every module of this folder, so that its kinds are registered."""
    global _loaded  # noqa: PLW0603 -- one-time import guard
    if _loaded:
        return
    _loaded = True
    package = importlib.import_module("runfold.graph.kinds")
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "registry":
            importlib.import_module(f"runfold.graph.kinds.{module.name}")


@lru_cache(maxsize=512)
def _fields_of(config: builtins.type[msgspec.Struct]) -> dict[str, msgspec.inspect.Field]:
    info = msgspec.inspect.type_info(config)
    fields = info.fields if isinstance(info, msgspec.inspect.StructType) else ()
    return {field.encode_name: field for field in fields}


def config_fields(kind: Kind) -> dict[str, msgspec.inspect.Field]:
    """The fields of a kind's configuration, as authors spell them."""
    return _fields_of(kind.config)


def kind_of(type_name: str) -> Kind | None:
    """The kind of a type name or alias, or None."""
    load_builtin()
    return _kinds.get(type_name)


def all_kinds() -> tuple[Kind, ...]:
    """All kinds, by type name, without aliases."""
    load_builtin()
    return tuple(kind for name, kind in sorted(_kinds.items()) if name == kind.type)

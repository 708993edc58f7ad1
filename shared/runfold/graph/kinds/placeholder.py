"""`placeholder`: stands where an imported document had a node that cannot run here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import msgspec

from runfold.graph.definition import ERROR, OUT
from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register


class PlaceholderConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `placeholder` node."""

    of: str
    """What it stands for, as the source calls it."""
    reason: str
    """Why it cannot run, and what to do: the message it fails with."""
    need: str = ""
    """The name under which an import binds it."""
    parameters: dict[str, Any] = {}
    """The settings it had, kept for the node that is put in its place."""
    ports: list[str] = []
    """Ports that its edges leave at, beside `out`."""
    FORM: ClassVar[Forms] = {
        "of": Form("text", ("tool google/search",)),
        "reason": Form("text", ("No tool is bound to google/search.",)),
        "need": Form("text", ("google/search",), group="more"),
        "parameters": Form("key_values", ({"query": "{{topic}}"},)),
        "ports": Form("list", (["found"],)),
    }


_FIXED = ("of", "reason", "need", "ports")


def _ports(config: dict[str, Any]) -> tuple[str, ...]:
    ports = config.get("ports")
    named = ports if isinstance(ports, list) else []
    return (OUT, *dict.fromkeys(one for one in named if isinstance(one, str) and one != OUT))


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    if ERROR in _ports(config):
        yield Problem("ports", f"a port cannot be called {ERROR!r}: it is taken")


KIND = register(
    Kind(
        type="placeholder",
        group=INLINE,
        config=PlaceholderConfig,
        summary="Stands for a node that cannot run here, and fails when it is reached",
        ports=_ports,
        raw=("parameters",),
        rules=_rules,
        hints=Hints(
            category="other",
            fixed=_FIXED,
            ports_from=("ports",),
            ports_rule="`out`, and what `ports` lists.",
        ),
    )
)

"""`items`: one step over lists of items, as n8n's nodes do theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec

from runfold.graph.item_ports import ports_of
from runfold.graph.kinds.composites import fixed_problems
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, Problem, register
from runfold.values.references import Data

OnError = Literal["stop", "continue", "error_output"]


class ItemSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for all operations of `items`."""

    execute_once: bool = False
    """Whether only the first item of each input is taken."""
    always_output: bool = False
    """Whether one empty item is given where there would be none."""
    on_error: OnError = "stop"
    """`stop`: the node fails. `continue`: an item that fails goes on, with its error in it.
    `error_output`: it goes on at one more output, the last."""
    FORM: ClassVar[Forms] = {
        "execute_once": Form("boolean"),
        "always_output": Form("boolean"),
        "on_error": Form("choice"),
    }


class ItemsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of an `items` node."""

    operation: str
    """What is done: the type of n8n's node without its prefix, or `resolve`."""
    version: float = 1
    """The version of n8n's node whose rules hold."""
    node: str = ""
    """The node's name in n8n: what expressions of other nodes call it."""
    parameters: dict[str, Any] = {}
    """Parameters as n8n has them, with its expressions."""
    inputs: list[Any] = []
    """A list for each input: of `{items, links}`, what came along each connection: a run of the
    step for each. `node` and `output` may say from where, `rank` at which place of its
    connections."""
    others: dict[str, Any] = {}
    """Name → `{ports, links}` of other nodes that expressions read; null: not executed."""
    written: dict[str, Any] = {}
    """Name → parameters of other nodes that expressions read, as they are written."""
    settings: ItemSettings = msgspec.field(default_factory=ItemSettings)
    """What holds for all operations."""
    workflow: dict[str, Any] = {}
    """`id`, `name`, `active` and `timezone`: what expressions read as `$workflow`."""
    provided: dict[str, Any] = {}
    """What expressions read as `$vars`, `$env`, `$secrets`: `{vars, env, secrets}`."""
    results: Any = None
    """What nodes came to that did the work, for an operation that collects it."""
    state: Any = None
    """What an operation in a loop kept in the round before."""
    run_index: int = 0
    """The round of the loop, from 0."""
    FORM: ClassVar[Forms] = {
        "operation": Form("text", ("if", "set", "code", "resolve")),
        "version": Form("number", (2.2,)),
        "node": Form("text", ("Edit Fields",)),
        "parameters": Form("object", ({"mode": "append", "output": "={{ $json.total }}"},)),
        "inputs": Form(
            "value", ([[{"items": "{{orders.ports.0}}", "links": "{{orders.links.0}}"}]],)
        ),
        "others": Form(
            "object",
            ({"Orders": {"ports": "{{orders.ports}}", "links": "{{orders.links}}"}},),
            group="more",
        ),
        "written": Form("object", ({"Orders": {"limit": 10}},), group="more"),
        "settings": Form("object", ({"on_error": "continue"},), group="more"),
        "workflow": Form("object", ({"id": "1", "name": "Orders"},), group="more"),
        "provided": Form("object", ({"env": {"HOST": "{{env.HOST}}"}},), group="more"),
        "results": Form("value", ("{{calls.output}}",), group="more"),
        "state": Form("value", ("{{batches.state}}",), group="more"),
        "run_index": Form("number", (0,), group="more"),
    }


_FIXED = ("operation", "version", "settings")


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from fixed_problems(config, *_FIXED)
    if config.get("operation") == "":
        yield Problem("operation", "items needs an operation", "config.missing")


KIND = register(
    Kind(
        type="items",
        group="code",
        config=ItemsConfig,
        summary="One step over lists of items, under n8n's rules",
        ports=ports_of,
        outputs=("items", "ports", "links", "resolved", "state"),
        raw=tuple(Data(name) for name in ("parameters", "written", "node", "workflow")),
        rules=_rules,
        hints=Hints(
            category="code",
            fixed=_FIXED,
            ports_from=("operation", "version", "parameters", "settings"),
            ports_rule=(
                "`out`, or `0`, `1` … where the operation has several outputs; the last one is for "
                "errors with `on_error: error_output`. `none`, when no output has an item."
            ),
            output_types={
                "output": "object",
                "items": "array",
                "ports": "object",
                "links": "object",
                "resolved": "array",
                "state": "any",
            },
        ),
    )
)

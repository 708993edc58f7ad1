"""The kinds that the scheduler decides itself: one function for each, in one table.

Kinds with more to them have a module of their own in this folder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runfold.engine.decide.compensation import compensate
from runfold.engine.decide.composites import COMPOSITES
from runfold.engine.decide.effects import Append, Effect
from runfold.engine.decide.joins import aggregate, join
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.decide.outputs import predecessors_output
from runfold.engine.decide.variables import assign
from runfold.engine.decide.waits import human_review, input_, question, wait
from runfold.engine.decide.webhook_replies import webhook_reply
from runfold.errors import Failure, NodeFailed, RunfoldError
from runfold.graph.selecting import chosen, in_order, needs_all
from runfold.ids import address_of
from runfold.values.json_text import text_of
from runfold.values.lenient import fitted
from runfold.values.references import Lookup
from runfold.values.templates import render, render_text

SILENT = frozenset({"skipped", "cancelling", "cancelled"})
"""Statuses of nodes that will never give outputs."""


def decide_inline(ctx: NodeContext) -> Effect:
    """What a ready inline node does: it succeeds, fails, or begins to wait or to run inside."""
    try:
        return _KINDS[ctx.planned.type](ctx)
    except RunfoldError as error:
        return ctx.failed(_with_node(error, ctx.planned.id))


def _with_node(error: RunfoldError, node_id: str) -> Failure:
    failure = error.failure()
    prefix = f"node {node_id!r}: "
    message = failure.message if failure.message.startswith("node ") else prefix + failure.message
    return Failure(
        code=failure.code,
        message=message,
        kind=failure.kind,
        details={"node": node_id, **failure.details},
    )


def _pass(ctx: NodeContext) -> Append:
    """A node that only marks a place."""
    return ctx.succeeded({})


def _values(ctx: NodeContext) -> Append:
    outputs = ctx.object("outputs", ctx.config["outputs"])
    defaults, types = ctx.config.get("defaults", {}), ctx.config.get("types", {})
    made = {name: fitted(one, types.get(name)) for name, one in outputs.items()}
    for name, value in defaults.items():
        # Text may spell an empty list; what cannot be made to fit is null, and not nothing given.
        if outputs.get(name) in (None, "", [], {}) or made.get(name) in ([], {}):
            made[name] = fitted(ctx.render(value), types.get(name))
    outputs = outputs | made
    return ctx.succeeded({"output": outputs, **outputs})


def _placeholder(ctx: NodeContext) -> Append:
    """A node that cannot run here: it fails, and says what it stands for."""
    of = ctx.config["of"]
    message = f"node {ctx.planned.id!r} stands for {of}: {ctx.config['reason']}"
    raise NodeFailed(message, code="placeholder.reached", kind="input", details={"of": of})


def _end(ctx: NodeContext) -> Append:
    config = ctx.config
    if "outputs" in config:
        outputs = ctx.object("outputs", config["outputs"])
        for name, value in config.get("defaults", {}).items():
            if outputs.get(name) is None:
                outputs[name] = ctx.render(value)
        return ctx.succeeded(outputs)
    for name in ("output", "answer"):
        if name in config:
            return ctx.succeeded({name: ctx.render(config[name])})
    return ctx.succeeded({"output": predecessors_output(ctx)})


def _answer(ctx: NodeContext) -> Append:
    written, names, profile = (
        ctx.config.get("answer", ""),
        _silent_as_nothing(ctx),
        ctx.planned.profile,
    )
    if profile and isinstance(written, str):
        text = render_text(written, names, profile=profile, form="answer")
    else:
        text = text_of(render(written, names))
    return ctx.succeeded({"answer": text, "output": text})


def _silent_as_nothing(ctx: NodeContext) -> Lookup:
    """Names as an answer reads them: a node that was skipped or cancelled is empty, not missing."""
    around = ctx.lookup

    def lookup(root: str) -> Any:
        held = ctx.state.nodes.get(address_of(ctx.scope, root))
        silent = held is not None and held.status in SILENT
        return _Nothing() if silent else around(root)

    return lookup


class _Nothing(dict[str, Any]):
    """An object in which every key is null."""

    def __contains__(self, key: object) -> bool:
        return True

    def __missing__(self, key: str) -> Any:
        return None


def _condition(ctx: NodeContext) -> Append:
    result = ctx.holds(ctx.config["condition"])
    port = "true" if result else "false"
    return ctx.succeeded({"result": result, "branch": port, "output": result}, port)


def _selector(ctx: NodeContext) -> Append:
    strategy = ctx.config.get("strategy", "first_match")
    holding = []
    for branch in in_order(ctx.config.get("branches", ())):
        if ctx.holds(branch.get("condition", True)):
            holding.append(branch)
            if not needs_all(strategy):
                break
    ports = chosen(strategy, holding, f"{ctx.state.run_id}:{ctx.address}")
    first = ports[0]
    if len(ports) > 1:
        return ctx.succeeded({"branch": first, "output": list(ports)}, first, ports=ports)
    return ctx.succeeded({"branch": first, "output": first}, first)


_KINDS: dict[str, Callable[[NodeContext], Effect]] = {
    "start": _pass,
    "end": _end,
    "values": _values,
    "placeholder": _placeholder,
    "answer": _answer,
    "condition": _condition,
    "selector": _selector,
    "human_review": human_review,
    "input": input_,
    "question": question,
    "wait": wait,
    "assign": assign,
    "join": join,
    "aggregate": aggregate,
    "break": _pass,
    "continue": _pass,
    "compensate": compensate,
    "webhook_reply": webhook_reply,
    **{name: kind.start for name, kind in COMPOSITES.items()},
}
"""Kind → what a ready node of it does."""

INLINE_TYPES = frozenset(_KINDS)

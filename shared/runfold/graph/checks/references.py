"""References: whether what they name can have a value when they are read."""

from __future__ import annotations

from typing import Any, NamedTuple

from runfold.graph.bodies import inside
from runfold.graph.checks.readable import Place, around, entered, inside_of
from runfold.graph.definition import Edge, Node, Workflow
from runfold.graph.findings import Findings, Hint
from runfold.graph.free_names import (
    defines_missing,
    inner_refs,
    own_config,
    own_inner_refs,
    raw_fields,
)
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.assign import assignments
from runfold.graph.plan.protection import protection_templates
from runfold.graph.reading.protection import fallback_names
from runfold.values.references import EVERYTHING, Ref, path_of, placed_references, references_in

CONVERSATION = "conversation"
ALWAYS_READABLE = frozenset(("output", "status", "error"))
"""What `{{node.…}}` reads of any node."""
SYS_TYPES = {
    "run_id": "string",
    "workflow_id": "string",
    "version": "string",
    "started_at": "number",
    "conversation_id": "string",
    "user_id": "string",
    "query": "string",
    "files": "files",
    "dialogue_count": "integer",
    "history": "array",
}
"""What `{{sys.…}}` reads."""


class Wrong(NamedTuple):
    """What is wrong with a reference."""

    code: str
    message: str
    hint: Hint


def check_references(workflow: Workflow, found: Findings) -> None:
    """Every reference of every node."""
    _check_graph(workflow.nodes, workflow.edges, around(workflow), "", found)


def _check_graph(
    nodes: tuple[Node, ...], edges: tuple[Edge, ...], place: Place, prefix: str, found: Findings
) -> None:
    """A graph in a place that has `outer`, `names` and `variables`."""
    graph = entered(nodes, edges, place)
    for index, node in enumerate(nodes):
        if not node.id:
            continue
        path = f"{prefix}nodes[{index}].config"
        here = graph.of(node)
        for ref, steps in placed_references(own_config(node), raw=raw_fields(node)).items():
            if wrong := wrong_reference(ref, node, here, found):
                _report(wrong, path + path_of(steps), node, found)
        for field, template in protection_templates(node).items():
            for ref in references_in(template):
                if wrong := wrong_reference(ref, node, here, found):
                    _report(wrong, f"{prefix}nodes[{index}].{field}", node, found)
        if node.type == "assign":
            _check_assignments(node, node.config, here, f"{path}.assignments", found)
        _check_inside(node, here, path, found)


def _check_inside(node: Node, place: Place, path: str, found: Findings) -> None:
    """What a composite and its bodies read inside it."""
    kind, inner = kind_of(node.type), inside_of(node, place)
    if kind is None or inner is None:
        return
    within, outer = inner.within, inner.within.outer
    _check_inner_refs(node, own_inner_refs(node), outer, within.names, path, found)
    hidden = kind.hides & (frozenset(outer) | place.variables)
    _check_hidden(kind.authored(node.config), hidden, path, found)
    for field in kind.reads(node.config):
        if field.endswith(".assign"):
            way = inside(node.config, tuple(field.split(".")[:-1])) or {}
            _check_assignments(node, way, within, f"{path}.{field}", found)
    for name, (body, body_place, *_) in inner.bodies.items():
        _check_graph(body.nodes, body.edges, body_place, f"{path}.{body.path}", found)
        here = {**body_place.outer, **{one.id: one for one in body.nodes}}
        refs = inner_refs(node, name, body)
        for field, ref in refs:
            if field == "while" and ref.root in here and ref.root not in outer:
                message = f"{ref.text!r} is read before a round, when {ref.root!r} has not run"
                hint = "keep it in a loop variable, or use `do_while`"
                wrong = Wrong("reference.not_upstream", message, hint)
                _report(wrong, f"{path}.{field}", node, found)
        _check_inner_refs(node, refs, here, body_place.names, path, found)


def _check_hidden(
    written: dict[str, Any], hidden: frozenset[str], path: str, found: Findings
) -> None:
    """Names of a composite that hide what the author called so around it."""
    for field, value in written.items() if hidden else ():
        for ref, steps in placed_references(value).items():
            if ref.root in hidden:
                message = f"{ref.text!r} is the call's own {ref.root!r} here, not what is around it"
                hint = f"rename what is called {ref.root!r} around it, where that is meant"
                where = f"{path}.{field}{path_of(steps)}"
                found.warning("reference.hidden", where, message, hint)


def _check_inner_refs(
    node: Node,
    refs: list[tuple[str, Ref]],
    here: dict[str, Node],
    names: frozenset[str],
    path: str,
    found: Findings,
) -> None:
    """What a composite itself reads inside, with the field."""
    for field, ref in refs:
        wrong = None
        if ref.root in here:
            wrong = _wrong_output(ref, here[ref.root], found)
        elif ref.root not in names:
            wrong = _unknown(ref, {*here, *names}, found)
        if wrong:
            _report(wrong, f"{path}.{field}", node, found)


def _report(wrong: Wrong, where: str, node: Node, found: Findings) -> None:
    """An error; a warning where the node's profile says what stands for what leads nowhere."""
    say = found.warning if defines_missing(node) else found.error
    say(wrong.code, where, wrong.message, wrong.hint)


def _check_assignments(
    node: Node, config: dict[str, Any], place: Place, path: str, found: Findings
) -> None:
    """Assignments at a path, whose last step is the field of `config` that they are in."""
    for index, one in enumerate(assignments(config, path.rpartition(".")[2])):
        variable = one.get("variable")
        if not isinstance(variable, str) or "{" in variable:
            continue
        root, _, name = variable.partition(".")
        if variable in place.variables or (root == CONVERSATION and name in place.conversation):
            continue
        message = f"{node.type} {node.id!r}: there is no variable {variable!r} here"
        known = {*place.variables, *(f"{CONVERSATION}.{one}" for one in place.conversation)}
        where_to = CONVERSATION if root == CONVERSATION else "variables"
        hint = found.nearest(variable, known) or f"declare it in `{where_to}`"
        where = f"{path}[{index}].variable"
        _report(Wrong("variable.unknown", message, hint), where, node, found)


def wrong_reference(ref: Ref, node: Node, place: Place, found: Findings) -> Wrong | None:
    """What is wrong with a reference of a node, if anything is."""
    source = place.nodes.get(ref.root)
    itself = ref.root == node.id and (ref.root in place.outer or ref.root in place.names)
    if source is not None and not (itself and place.is_body):
        if place.leads_to(ref.root, node.id):
            return _wrong_output(ref, source, found)
        message = f"{ref.text!r} is read by {node.id!r} before it can have a value"
        hint = f"node {ref.root!r} does not lead to {node.id!r}: add an edge"
        return Wrong("reference.not_upstream", message, hint)
    if ref.root in place.outer:
        return _wrong_output(ref, place.outer[ref.root], found)
    if ref.root == "sys" and ref.path and ref.path[0] not in SYS_TYPES:
        message = f"{ref.text!r}: sys has no {ref.path[0]!r}"
        near = found.nearest(str(ref.path[0]), SYS_TYPES, of="sys")
        return Wrong("reference.unknown", message, near)
    if ref.root == CONVERSATION and ref.path and ref.path[0] not in place.conversation:
        message = f"{ref.text!r}: the conversation has no variable {ref.path[0]!r}"
        known = place.conversation
        near = found.nearest(str(ref.path[0]), known, of=CONVERSATION)
        return Wrong("reference.unknown", message, near or "declare it in `conversation`")
    if ref.root not in place.names:
        return _unknown(ref, {*place.nodes, *place.outer, *place.names} - {EVERYTHING}, found)
    return None


def _unknown(ref: Ref, known: set[str], found: Findings) -> Wrong:
    message = f"{ref.text!r}: nothing is called {ref.root!r} here"
    return Wrong("reference.unknown", message, found.nearest(ref.root, known))


def _wrong_output(ref: Ref, source: Node, found: Findings) -> Wrong | None:
    """What is wrong with a reference to a node that has ended by then."""
    kind = kind_of(source.type)
    if kind is None or not ref.path or source.on_error.strategy == "default_value":
        return None
    outputs = kind.declared(source.config) or kind.outputs
    if outputs is None:
        return None
    known = {*outputs, *ALWAYS_READABLE, *fallback_names(source)}
    if ref.path[0] in known:
        return None
    message = f"{ref.text!r}: {source.type} {source.id!r} has no output {ref.path[0]!r}"
    hint = found.nearest(str(ref.path[0]), known, of=ref.root)
    return Wrong("reference.unknown_output", message, hint)

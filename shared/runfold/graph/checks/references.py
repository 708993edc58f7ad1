"""References: whether what they name can have a value when they are read.

What is upstream of a node is a set of bits, so that large graphs stay cheap.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from runfold.graph.bodies import bodies_of, inside
from runfold.graph.definition import Edge, Node, Workflow
from runfold.graph.findings import Findings
from runfold.graph.free_names import (
    RESERVED,
    defines_missing,
    inner_refs,
    own_config,
    own_inner_refs,
    raw_fields,
)
from runfold.graph.kinds import kind_of
from runfold.graph.kinds.assign import assignments
from runfold.graph.kinds.composites import ITEM_NAMES
from runfold.graph.kinds.state_machine import MACHINE_NAMES
from runfold.graph.plan.protection import protection_templates
from runfold.graph.reading.compensation import ERROR_NAME, compensation_nodes
from runfold.graph.reading.protection import fallback_names
from runfold.values.references import EVERYTHING, Ref, path_of, placed_references, references_in

CONVERSATION = "conversation"
ALWAYS_READABLE = frozenset(("output", "status", "error"))
"""What `{{node.…}}` reads of any node."""
READ_ONLY = {"state_machine": MACHINE_NAMES, "batch": ITEM_NAMES | {"batch_index"}}
"""Kind → what it provides inside that cannot be assigned to, where that is not `ITEM_NAMES`."""
SYS_NAMES = frozenset(
    (
        *("run_id", "workflow_id", "version", "started_at"),
        *("conversation_id", "user_id", "query", "files", "dialogue_count", "history"),
    )
)


class _Place(NamedTuple):
    """A graph and what may be read inside it."""

    nodes: dict[str, Node]
    upstream: dict[str, int]
    bits: dict[str, int]
    outer: dict[str, Node]
    """Nodes around the graph that have ended when it runs."""
    names: frozenset[str]
    variables: frozenset[str]
    """Names that `assign` may change."""
    conversation: frozenset[str]
    """The same of the conversation."""
    is_body: bool
    """Whether there is a composite around it: a node reads its own name as what is around it."""


class _Wrong(NamedTuple):
    """What is wrong with a reference."""

    code: str
    message: str
    hint: str


def check_references(workflow: Workflow, found: Findings) -> None:
    """Every reference of every node."""
    names = frozenset((*workflow.inputs, *workflow.variables, *RESERVED))
    variables = frozenset((*workflow.inputs, *workflow.variables))
    conversation = frozenset(workflow.conversation)
    place = _Place({}, {}, {}, {}, names, variables, conversation, is_body=False)
    _check_graph(workflow.nodes, workflow.edges, place, "", found)


def _check_graph(
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    around: _Place,
    prefix: str,
    found: Findings,
) -> None:
    """A graph in a place that has `outer`, `names` and `variables`."""
    by_id = {node.id: node for node in nodes if node.id}
    bits = {node_id: 1 << index for index, node_id in enumerate(by_id)}
    upstream = _upstream(by_id, edges, bits)
    undoing = compensation_nodes(nodes)
    for node_id, undone in undoing.items():
        # It may read what the node it undoes could, and what that came to.
        upstream[node_id] = upstream[undone.id] | bits[undone.id]
    forward = around._replace(nodes=by_id, upstream=upstream, bits=bits)
    backward = forward._replace(names=forward.names | {ERROR_NAME})
    for index, node in enumerate(nodes):
        if not node.id:
            continue
        path = f"{prefix}nodes[{index}].config"
        place = backward if node.id in undoing else forward
        for ref, steps in placed_references(own_config(node), raw=raw_fields(node)).items():
            if wrong := _wrong(ref, node, place, found):
                _report(wrong, path + path_of(steps), node, found)
        for field, template in protection_templates(node).items():
            for ref in references_in(template):
                if wrong := _wrong(ref, node, place, found):
                    _report(wrong, f"{prefix}nodes[{index}].{field}", node, found)
        if node.type == "assign":
            _check_assignments(node, node.config, place, f"{path}.assignments", found)
        _check_bodies(node, place, path, found)


def _check_bodies(node: Node, place: _Place, path: str, found: Findings) -> None:
    bodies = bodies_of(node)
    kind = kind_of(node.type)
    if kind is None or not kind.inner:
        return
    upstream = place.upstream[node.id]
    ended = {
        node_id: other for node_id, other in place.nodes.items() if place.bits[node_id] & upstream
    }
    outer = {**place.outer, **ended}
    provided = kind.provides(node.config)
    variables = place.variables | (provided - READ_ONLY.get(node.type, ITEM_NAMES))
    within = place._replace(
        outer=outer, is_body=True, names=place.names | provided, variables=variables
    )
    _check_inner_refs(node, own_inner_refs(node), outer, within.names, path, found)
    hidden = kind.hides & (frozenset(outer) | place.variables)
    _check_hidden(kind.authored(node.config), hidden, path, found)
    for field in kind.reads(node.config):
        if field.endswith(".assign"):
            way = inside(node.config, tuple(field.split(".")[:-1])) or {}
            _check_assignments(node, way, within, f"{path}.{field}", found)
    for name, body in bodies.items():
        given = kind.names_in(node.config, name)
        names = place.names | given
        seen = {outside: one for outside, one in outer.items() if outside not in given}
        inside_body = within._replace(outer=seen, names=names)
        _check_graph(body.nodes, body.edges, inside_body, f"{path}.{body.path}", found)
        here = {**seen, **{one.id: one for one in body.nodes}}
        refs = inner_refs(node, name, body)
        for field, ref in refs:
            if field == "while" and ref.root in here and ref.root not in outer:
                message = f"{ref.text!r} is read before a round, when {ref.root!r} has not run"
                hint = "keep it in a loop variable, or use `do_while`"
                wrong = _Wrong("reference.not_upstream", message, hint)
                _report(wrong, f"{path}.{field}", node, found)
        _check_inner_refs(node, refs, here, names, path, found)


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


def _report(wrong: _Wrong, where: str, node: Node, found: Findings) -> None:
    """An error; a warning where the node's profile says what stands for what leads nowhere."""
    say = found.warning if defines_missing(node) else found.error
    say(wrong.code, where, wrong.message, wrong.hint)


def _check_assignments(
    node: Node, config: dict[str, Any], place: _Place, path: str, found: Findings
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
        _report(_Wrong("variable.unknown", message, hint), where, node, found)


def _wrong(ref: Ref, node: Node, place: _Place, found: Findings) -> _Wrong | None:
    """What is wrong with a reference of a node, if anything is."""
    source = place.nodes.get(ref.root)
    itself = ref.root == node.id and (ref.root in place.outer or ref.root in place.names)
    if source is not None and not (itself and place.is_body):
        if place.upstream[node.id] & place.bits[ref.root]:
            return _wrong_output(ref, source, found)
        message = f"{ref.text!r} is read by {node.id!r} before it can have a value"
        hint = f"node {ref.root!r} does not lead to {node.id!r}: add an edge"
        return _Wrong("reference.not_upstream", message, hint)
    if ref.root in place.outer:
        return _wrong_output(ref, place.outer[ref.root], found)
    if ref.root == "sys" and ref.path and ref.path[0] not in SYS_NAMES:
        message = f"{ref.text!r}: sys has no {ref.path[0]!r}"
        return _Wrong("reference.unknown", message, found.nearest(str(ref.path[0]), SYS_NAMES))
    if ref.root == CONVERSATION and ref.path and ref.path[0] not in place.conversation:
        message = f"{ref.text!r}: the conversation has no variable {ref.path[0]!r}"
        hint = found.nearest(str(ref.path[0]), place.conversation) or "declare it in `conversation`"
        return _Wrong("reference.unknown", message, hint)
    if ref.root not in place.names:
        return _unknown(ref, {*place.nodes, *place.outer, *place.names} - {EVERYTHING}, found)
    return None


def _unknown(ref: Ref, known: set[str], found: Findings) -> _Wrong:
    message = f"{ref.text!r}: nothing is called {ref.root!r} here"
    return _Wrong("reference.unknown", message, found.nearest(ref.root, known))


def _wrong_output(ref: Ref, source: Node, found: Findings) -> _Wrong | None:
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
    hint = found.nearest(str(ref.path[0]), known)
    return _Wrong("reference.unknown_output", message, hint)


def _upstream(
    by_id: dict[str, Node], edges: tuple[Edge, ...], bits: dict[str, int]
) -> dict[str, int]:
    """For each node the nodes that lead to it, as bits; cycles are cut where they close."""
    incoming: dict[str, list[str]] = {node_id: [] for node_id in by_id}
    targets: dict[str, list[str]] = {node_id: [] for node_id in by_id}
    for edge in edges:
        if edge.source in by_id and edge.target in by_id:
            incoming[edge.target].append(edge.source)
            targets[edge.source].append(edge.target)
    waiting = {node_id: len(sources) for node_id, sources in incoming.items()}
    order = [node_id for node_id, count in waiting.items() if not count]
    for node_id in order:
        for target in targets[node_id]:
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    upstream = dict.fromkeys(by_id, 0)
    for node_id in order:
        for source in incoming[node_id]:
            upstream[node_id] |= upstream[source] | bits[source]
    # Nodes of a cycle are reported as such; here everything may be upstream of them.
    for node_id in by_id.keys() - set(order):
        upstream[node_id] = (1 << len(by_id)) - 1
    return upstream

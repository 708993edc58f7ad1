"""The tasks that executors get: for a node that is ready, or ahead for one that reads along."""

from __future__ import annotations

from msgspec.structs import replace

from runfold.contracts.tasks import StreamSource, Task
from runfold.engine.decide.effects import Dispatch
from runfold.engine.decide.node_context import NodeContext
from runfold.engine.evolve.compensation import is_undoing
from runfold.engine.state.names import everything
from runfold.graph.definition import OUT
from runfold.ids import address_of, attempt_id
from runfold.values.references import EVERYTHING, prune


def dispatched(ctx: NodeContext, source: StreamSource | None = None) -> Dispatch:
    """The task of an attempt, with the values that its configuration refers to."""
    state, planned, attempt = ctx.state, ctx.planned, ctx.node.attempt
    if any(ref.root == EVERYTHING for ref in planned.refs):
        inputs = everything(ctx.plan, state, ctx.scope)
    else:
        inputs = prune(planned.refs, ctx.lookup)
    if state.environment and any(ref.root == "env" for ref in planned.refs):
        inputs = {**inputs, "env": state.environment}
    task = Task(
        run_id=state.run_id,
        workflow_id=state.workflow_id,
        node_id=planned.id,
        node_type=planned.type,
        scope=ctx.scope,
        attempt=attempt,
        config=planned.config,
        inputs=inputs,
        timeout=planned.timeout,
        protection=planned.protection,
        traceparent=state.traceparent,
        source=source,
        after=state.last_seq,
        undoes=is_undoing(state, ctx.address),
        backup=ctx.node.backup and source is None,
        user_id=state.turn.user_id if state.turn is not None else "",
        conversation_id=state.conversation_id,
        profile=planned.profile,
    )
    return Dispatch(planned.group, task, attempt_id(state.run_id, ctx.address, attempt))


def piped(ctx: NodeContext) -> list[Dispatch]:
    """The tasks that read along with a running attempt, under its number.

    Their results count only once the attempt has succeeded: until then the reading nodes are not in
    the state. After that the same task is due again, under the same key.
    """
    state, planned = ctx.state, ctx.planned
    if state.saga is not None or state.steps >= ctx.plan.settings.max_steps:
        return []
    found = []
    for target in planned.targets.get(OUT, ()):
        reader, address = ctx.graph.nodes[target], address_of(ctx.scope, target)
        if reader.pipe is None or address in state.nodes:
            continue
        source = StreamSource(
            node_id=planned.id,
            attempt=ctx.node.attempt,
            # The end of the attempt is not in the state yet, so it comes after everything that is.
            after=state.last_seq,
            fields=reader.pipe.fields,
        )
        found.append(dispatched(replace(ctx, address=address, planned=reader), source))
    return found

"""Deciding about loops, iterations, batches and parallel branches.

What begins, what each item, round or branch came to, and what the whole comes to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from runfold.contracts import events as e
from runfold.engine.decide.effects import Append, ArmTimer, Effect
from runfold.engine.decide.event_writer import Writer
from runfold.engine.decide.outputs import last_outputs
from runfold.engine.evolve.loops import body_name
from runfold.engine.state.run import Loop, NodeState, RunState
from runfold.engine.state.scopes import lookup_around_rounds, lookup_in_scope, plan_of
from runfold.errors import Failure, ReferenceMissing, RunfoldError
from runfold.graph.kinds.loop import keeps_all, mode_of
from runfold.graph.plan.plan import Plan, PlanNode
from runfold.ids import address_of, child_scope
from runfold.values.conditions import evaluate
from runfold.values.templates import render

N = TypeVar("N", bound=e.NodeEvent)


def decide_looping(
    plan: Plan, state: RunState, writer: Writer, scope: str, planned: PlanNode, node: NodeState
) -> list[Effect]:
    """Record what items came to, begin as many as may run, or end the whole."""
    loop = node.loop
    if loop is None:
        return []
    here = Rounds(plan, state, writer, scope, planned, node, loop)
    if loop.settled:
        return [Append(here.item_ended(index, how)) for index, how in sorted(loop.settled.items())]
    if loop.last or loop.ended == loop.count or (not loop.under_way and here.is_over()):
        return [Append(here.succeeded())]
    return [*here.timers(), *here.next_ones()]


class Rounds:
    """One composite that is under way, with all that deciding about it needs."""

    def __init__(
        self,
        plan: Plan,
        state: RunState,
        writer: Writer,
        scope: str,
        planned: PlanNode,
        node: NodeState,
        loop: Loop,
    ) -> None:
        self._plan = plan
        self._state = state
        self._writer = writer
        self._scope = scope
        self._planned = planned
        self._node = node
        self._loop = loop
        self._address = address_of(scope, planned.id)

    # --- one of them ------------------------------------------------------------------------------

    def next_ones(self) -> list[Effect]:
        """The next items, as many as have room."""
        loop = self._loop
        if loop.next_due is not None:
            fired = self._event(
                e.TimerFired,
                f"delay:{loop.ended}",
                timer="delay",
                due=loop.next_due,
                index=loop.ended,
            )
            return [ArmTimer(loop.next_due, fired)]
        until = loop.count
        if loop.batch_size:
            until = min(until, (loop.ended // loop.batch_size + 1) * loop.batch_size)
        room = min(loop.concurrency - len(loop.under_way), until - loop.begun)
        return [
            Append(self._begin(index)) for index in range(loop.begun, loop.begun + max(0, room))
        ]

    def timers(self) -> Iterator[Effect]:
        """The time each item under way may take, where that is limited."""
        limit = self._loop.item_timeout
        if limit is None:
            return
        for index, began in sorted(self._loop.under_way.items()):
            due = began + limit
            fired = self._event(e.TimerFired, f"item:{index}", timer="item", due=due, index=index)
            yield ArmTimer(due, fired)

    def item_ended(self, index: int, how: str) -> e.AnyNodeEvent:
        """The event that records what an item came to."""
        if how == "timeout":
            return self.item_failed(index, self._too_long(index))
        try:
            output = self._result(index, jumped=how != "")
            last = how == "break" or self._ends_after(index)
        except RunfoldError as error:
            return self.item_failed(index, error.failure())
        fields = {"index": index, "output": output, "last": last}
        if self._planned.type == "parallel":
            return self._event(
                e.ParallelBranchSucceeded, str(index), branch=self._branch(index), **fields
            )
        return self._event(e.LoopItemSucceeded, str(index), **fields)

    def item_failed(self, index: int, failure: Failure) -> e.AnyNodeEvent:
        """The event for an item that failed for good: tolerated, or the end of the whole."""
        if not tolerates(self._planned):
            return self._event(e.LoopFailed, error=failure, index=index)
        if self._planned.type == "parallel":
            return self._event(
                e.ParallelBranchFailed,
                str(index),
                branch=self._branch(index),
                index=index,
                error=failure,
            )
        return self._event(e.LoopItemFailed, str(index), index=index, error=failure)

    def _begin(self, index: int) -> e.AnyNodeEvent:
        if self._planned.type == "parallel":
            branch = self._branch(index)
            return self._event(e.ParallelBranchStarted, str(index), index=index, branch=branch)
        return self._event(e.LoopNext, str(index), index=index)

    def _branch(self, index: int) -> str:
        return str(self._loop.items[index])

    def _result(self, index: int, *, jumped: bool) -> Any:
        name = body_name(self._planned, self._loop, index)
        inside = child_scope(self._address, index, name)
        config = self._planned.config
        template = config["branches"][name].get("output") if name else config.get("output")
        body = plan_of(self._plan, inside)
        if body is None:
            return None
        if template is None:
            return last_outputs(body, self._state, inside)
        try:
            return render(template, lookup_in_scope(self._plan, self._state, inside))
        except ReferenceMissing:
            # A round that was ended on its way may lack what others have.
            if jumped:
                return None
            raise

    def _ends_after(self, index: int) -> bool:
        config = self._planned.config
        if self._planned.type != "loop":
            return False
        inside = child_scope(self._address, index)
        lookup = lookup_in_scope(self._plan, self._state, inside)
        if config.get("break_when") is not None and evaluate(config["break_when"], lookup):
            return True
        return mode_of(config) == "do_while" and not evaluate(config["do_while"], lookup)

    def _too_long(self, index: int) -> Failure:
        what = f"branch {self._branch(index)!r}" if self._planned.type == "parallel" else f"{index}"
        message = (
            f"node {self._address!r}: item {what} did not finish within "
            f"{self._loop.item_timeout:g} s"
        )
        details = {"node": self._planned.id, "scope": self._scope, "index": index}
        return Failure(code="node.timeout", message=message, kind="timeout", details=details)

    # --- the whole --------------------------------------------------------------------------------

    def is_over(self) -> bool:
        """Whether a loop that goes on while something holds ends before its next round."""
        config = self._planned.config
        if self._planned.type != "loop" or mode_of(config) != "while":
            return False
        lookup = lookup_around_rounds(self._plan, self._state, self._address, self._loop.begun)
        return not evaluate(config["while"], lookup)

    def succeeded(self) -> e.LoopSucceeded:
        """The end of the whole."""
        match self._planned.type:
            case "batch":
                outputs = self._batch_outputs()
            case "parallel":
                outputs = self._parallel_outputs()
            case "iteration":
                outputs = self._iteration_outputs()
            case _:
                outputs = self._loop_outputs()
        return self._event(e.LoopSucceeded, outputs=outputs)

    def _loop_outputs(self) -> dict[str, Any]:
        loop, config = self._loop, self._planned.config
        results = self._results()
        last = loop.results.get(max(loop.results)) if loop.results else None
        return {
            **loop.variables,
            "output": results if keeps_all(config) else last,
            "last": last,
            "count": len(results) if keeps_all(config) else loop.ended,
            "failed_count": len(loop.failed),
            "reason": self._reason(),
        }

    def _reason(self) -> str:
        mode = mode_of(self._planned.config)
        if self._loop.last:
            return "condition" if mode == "do_while" else "break"
        if mode in ("array", "count"):
            return "completed"
        return "condition" if self._loop.ended < self._loop.count else "limit"

    def _iteration_outputs(self) -> dict[str, Any]:
        results = self._results()
        config = self._planned.config
        count = len(results)
        if config.get("flatten") and all(isinstance(one, list | None) for one in results):
            results = [inner for one in results for inner in one or ()]
        return {
            "output": results,
            "count": count,
            "failed_count": len(self._loop.failed),
            "failed": self._failures(),
        }

    def _batch_outputs(self) -> dict[str, Any]:
        loop = self._loop
        results, failed = self._results(), len(loop.failed)
        size = max(1, loop.batch_size)
        outputs = {
            "results": results,
            "count": loop.ended,
            "success_count": loop.ended - failed,
            "failed_count": failed,
            "success_rate": (loop.ended - failed) / loop.ended if loop.ended else 1.0,
            "failed": self._failures(),
            "batches": -(-loop.ended // size),
        }
        return {**outputs, "output": results}

    def _parallel_outputs(self) -> dict[str, Any]:
        loop = self._loop
        successful = {self._branch(index): loop.results[index] for index in sorted(loop.results)}
        failed = {
            self._branch(index): {"code": one.code, "message": one.message, "type": one.kind}
            for index, one in sorted(loop.failed.items())
        }
        total = len(loop.items)
        return {
            "output": successful,
            "successful": successful,
            "failed": failed,
            "total": total,
            "success_count": len(successful),
            "failure_count": len(failed),
            "success_rate": len(successful) / total if total else 1.0,
        }

    def _results(self) -> list[Any]:
        """Results in the order of the items; null for a failed one, unless those are dropped."""
        loop = self._loop
        drop = self._planned.config.get("on_item_error") == "drop"
        return [
            loop.results.get(index)
            for index in range(loop.begun)
            if index in loop.results or (index in loop.failed and not drop)
        ]

    def _failures(self) -> list[dict[str, Any]]:
        return [
            {"index": index, "code": one.code, "message": one.message, "type": one.kind}
            for index, one in sorted(self._loop.failed.items())
        ]

    def _event(self, kind: type[N], of: str = "", **fields: Any) -> N:
        attempt = self._node.attempt
        return self._writer.node(kind, self._scope, self._planned.id, attempt, of=of, **fields)


def tolerates(planned: PlanNode) -> bool:
    """Whether a composite goes on without an item that failed."""
    config = planned.config
    match planned.type:
        case "batch":
            return bool(config.get("continue_on_error", True))
        case "parallel":
            return bool(config.get("continue_on_error", False))
        case "sub_workflow":
            return False
        case _:
            return bool(config.get("on_item_error", "terminate") != "terminate")

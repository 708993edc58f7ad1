"""State machines: what events do, in which order, and what is ignored, refused or fails."""

from __future__ import annotations

from typing import Any

import pytest

from runfold.contracts import events as e
from runfold.contracts.tasks import Task
from runfold.engine.accept.state_machines import check_event, machine_with
from runfold.engine.history.forks import taken_over_for_retry
from runfold.engine.state.state_machines import MOST_QUEUED
from runfold.engine.views.runs import run_view
from runfold.errors import Conflict, InvalidRequest
from runfold.graph.loader import load_workflow
from runfold.ids import review_token
from tests.support.engine_sim import RUN, Outcome, Sim
from tests.support.machines import arrives, begun, machine, of_kind, rest, send

END = {"final": True}
NOTE = {"nodes": [{"id": "note", "type": "noop"}]}


def note(text: str) -> dict[str, Any]:
    """A handler that appends a text to the variable `log`."""
    change = {"variable": "log", "operation": "append", "value": text}
    return {"nodes": [{"id": "write", "type": "assign", "config": {"assignments": [change]}}]}


def order(**settings: Any) -> dict[str, Any]:
    return machine(
        {
            "created": {
                "on": {
                    "pay": {
                        "target": "paid",
                        "guard": {"left": "{{event.amount}}", "operator": ">=", "right": 10},
                        "assign": [
                            {"variable": "total", "operation": "+=", "value": "{{event.amount}}"}
                        ],
                        "action": note("{{event.name}} in {{state}}: {{total}}"),
                    },
                    "cancel": "cancelled",
                },
                "entry": note("begun"),
            },
            "paid": {"entry": note("now {{state}}"), "on": {"ship": "shipped", "pay": "paid"}},
            "shipped": {**END, "entry": note("end")},
            "cancelled": END,
        },
        variables={"total": 0, "log": []},
        **settings,
    )


def changes(sim: Sim) -> list[tuple[str, str, str]]:
    return [(one.from_, one.event, one.to) for one in of_kind(sim, e.StateChanged)]


def reasons(sim: Sim) -> list[tuple[str, str, str]]:
    return [(one.event, one.state, one.reason) for one in of_kind(sim, e.StateEventIgnored)]


def test_events_lead_from_state_to_state_with_actions_before_and_entries_after() -> None:
    sim = begun(order())
    send(sim, "pay", amount=20)
    send(sim, "ship")
    assert sim.state.status == "succeeded"
    outputs = sim.state.nodes["order"].outputs
    assert outputs["log"] == ["begun", "pay in created: 20", "now paid", "end"]
    assert (outputs["state"], outputs["output"], outputs["total"]) == ("shipped", "shipped", 20)
    passed = [(one["from"], one["event"], one["to"]) for one in outputs["history"]]
    assert passed == changes(sim) == [("created", "pay", "paid"), ("paid", "ship", "shipped")]
    times = {record.time for record in sim.log}
    changed = of_kind(sim, e.StateChanged)
    assert [one["at"] for one in outputs["history"]] == [one.at for one in changed]
    assert {one.at for one in changed} <= times


def test_handlers_are_scopes_of_their_own() -> None:
    sim = begun(order())
    send(sim, "pay", amount=20)
    handlers = [(one.index, one.handler) for one in of_kind(sim, e.StateHandlerStarted)]
    assert handlers == [(0, "created"), (1, "created.pay"), (2, "paid")]
    written = [one.scope for one in of_kind(sim, e.VariablesAssigned)]
    assert written == ["order[created.0]", "order[created.pay.1]", "order[paid.2]"]


def test_what_a_state_does_not_take_and_what_its_guard_refuses_changes_nothing() -> None:
    sim = begun(order())
    send(sim, "ship")
    send(sim, "pay", amount=5)
    send(sim, "pay")
    assert changes(sim) == []
    assert reasons(sim) == [
        ("ship", "created", "not_taken"),
        ("pay", "created", "guard"),
        ("pay", "created", "guard"),
    ]
    assert sim.state.nodes["order"].composite.variables["total"] == 0


def test_an_event_that_comes_while_a_handler_runs_waits_for_its_turn() -> None:
    slow = machine(
        {
            "a": {"on": {"go": {"target": "b", "action": NOTE}}},
            "b": {"entry": NOTE, "on": {"on": "c"}},
            "c": END,
        }
    )
    sim = begun(slow)
    arrives(sim, "go")
    arrives(sim, "on")
    arrives(sim, "on")
    rest(sim)
    assert sim.state.status == "succeeded"
    assert changes(sim) == [("a", "go", "b"), ("b", "on", "c")]
    assert [task.scope for task in sim.dispatched.values()] == ["order[a.go.0]", "order[b.1]"]


def test_the_same_key_counts_once() -> None:
    sim = begun(order())
    send(sim, "pay", key="invoice-1", amount=20)
    send(sim, "pay", key="invoice-1", amount=20)
    assert changes(sim) == [("created", "pay", "paid")]
    assert reasons(sim) == []
    send(sim, "pay", key="invoice-2", amount=20)
    assert changes(sim) == [("created", "pay", "paid"), ("paid", "pay", "paid")]


def test_a_state_that_is_its_own_target_is_entered_anew() -> None:
    sim = begun(order())
    send(sim, "pay", amount=10)
    send(sim, "pay", amount=10)
    assert sim.state.nodes["order"].composite.variables["log"][-2:] == ["now paid", "now paid"]


def timed() -> dict[str, Any]:
    return machine(
        {
            "open": {
                "on": {"more": "open", "close": "closed"},
                "timeout": {"after": "{{patience}}", "target": "late", "action": NOTE},
            },
            "closed": END,
            "late": END,
        },
        variables={"patience": "1h"},
    )


def test_the_time_of_a_state_leads_out_of_it() -> None:
    sim = begun(timed())
    sim.run()
    assert changes(sim) == [("open", "timeout", "late")]
    fired = of_kind(sim, e.TimerFired)
    assert [(one.timer, one.index, one.due) for one in fired] == [("state", 0, 1000.0 + 3600)]
    assert sim.state.nodes["order"].outputs["state"] == "late"


def test_a_state_that_is_entered_anew_has_all_its_time_again() -> None:
    sim = begun(timed())
    sim.time += 3000
    send(sim, "more")
    sim.run()
    assert changes(sim) == [("open", "more", "open"), ("open", "timeout", "late")]
    # The first time was up too, for a state that had been left.
    fired = of_kind(sim, e.TimerFired)
    assert [one.index for one in fired] == [0, 1]
    assert fired[1].due - fired[0].due == pytest.approx(3000, abs=1)


def test_a_time_that_is_up_behind_an_event_that_leads_out_is_ignored() -> None:
    sim = begun(timed())
    arrives(sim, "more")
    (timer,) = sim.timers.values()
    sim.land(timer.event)
    rest(sim)
    assert changes(sim) == [("open", "more", "open")]
    assert reasons(sim) == [("timeout", "open", "left")]


def test_nobody_sends_a_timeout_from_outside() -> None:
    sim = begun(timed())
    send(sim, "timeout")
    assert reasons(sim) == [("timeout", "open", "not_taken")]


def test_the_port_is_the_final_state_or_out() -> None:
    nodes = [order(), {"id": "sent", "type": "noop"}, {"id": "other", "type": "noop"}]
    edges = [
        {"source": "order", "target": "sent", "port": "shipped"},
        {"source": "order", "target": "other"},
    ]
    sim = begun(*nodes, edges=edges)
    send(sim, "pay", amount=10)
    send(sim, "ship")
    assert sim.state.nodes["sent"].status == "succeeded"
    assert sim.state.nodes["other"].status == "skipped"
    sim = begun(*nodes, edges=edges)
    send(sim, "cancel")
    assert sim.state.nodes["sent"].status == "skipped"
    assert sim.state.nodes["other"].status == "succeeded"


def failing(task: Task) -> Outcome:
    return Outcome(ok=False, retryable=False)


CHARGE = {
    "created": {"on": {"pay": {"target": "paid", "action": NOTE}}},
    "paid": {"on": {"ship": "shipped"}},
    "shipped": END,
}


def test_a_handler_that_fails_fails_the_node_and_says_where() -> None:
    sim = begun(machine(CHARGE), script=failing)
    send(sim, "pay")
    assert sim.state.status == "failed"
    assert sim.state.error_address == "order"
    assert sim.state.error.details["scope"] == "order[created.pay.0]"
    assert sim.state.nodes["order"].composite.state == "created"


def test_the_error_strategy_of_the_machine_applies() -> None:
    node = {**machine(CHARGE), "on_error": "error_branch"}
    edges = [{"source": "order", "target": "sorry", "port": "error"}]
    calm = {"id": "sorry", "type": "template", "config": {"template": "sorry"}}
    sim = begun(
        node, calm, edges=edges, script=lambda t: Outcome(t.node_id == "sorry", retryable=False)
    )
    send(sim, "pay")
    assert sim.state.status == "partial_succeeded"


def test_a_retry_goes_on_with_the_handler_that_failed() -> None:
    sim = begun(machine(CHARGE), script=failing)
    arrives(sim, "pay")
    arrives(sim, "ship")
    rest(sim)
    assert sim.state.status == "failed"
    kept = taken_over_for_retry(sim.plan, sim.log, "")
    retried = Sim(sim.plan, taken_over=kept)
    rest(retried)
    assert retried.state.status == "succeeded"
    assert [task.scope for task in retried.dispatched.values()] == ["order[created.pay.0]"]
    assert changes(retried) == [("created", "pay", "paid"), ("paid", "ship", "shipped")]


def test_an_event_that_carries_the_wrong_things_changes_nothing() -> None:
    sim = begun(order())
    send(sim, "pay", amount="20")
    assert reasons(sim) == [("pay", "created", "unfit")]
    (ignored,) = of_kind(sim, e.StateEventIgnored)
    assert ignored.error.code == "variable.type"
    assert "'total'" in ignored.error.message
    send(sim, "pay", amount=20)
    assert changes(sim) == [("created", "pay", "paid")]


def test_a_retry_keeps_the_changes_that_time_brought() -> None:
    states = {
        "a": {"timeout": {"after": 60, "target": "b"}},
        "b": {"on": {"go": {"target": "c", "action": NOTE}}},
        "c": END,
    }
    sim = begun(machine(states), script=failing)
    while sim.step():
        pass
    send(sim, "go")
    assert sim.state.status == "failed"
    retried = Sim(sim.plan, taken_over=taken_over_for_retry(sim.plan, sim.log, ""))
    rest(retried)
    assert retried.state.status == "succeeded"
    assert changes(retried) == [("a", "timeout", "b"), ("b", "go", "c")]


def test_what_a_timed_way_cannot_work_out_fails_the_node_and_says_where() -> None:
    way = {"after": 60, "target": "b", "assign": [{"variable": "n", "value": "{{event.amount}}"}]}
    sim = begun(machine({"a": {"timeout": way}, "b": END}, variables={"n": 0}))
    sim.run()
    assert sim.state.error.code == "reference.missing"
    assert sim.state.error.message.startswith("node 'order' in state 'a': ")
    assert sim.state.error.details["state"] == "a"


def test_an_assignment_spoilt_by_another_branch_in_between_fails_the_node() -> None:
    def changing(node_id: str, operation: str, value: Any) -> dict[str, Any]:
        change = {"variable": "n", "operation": operation, "value": value}
        on = {"go": {"target": "b", "assign": [change]}}
        return {**machine({"a": {"on": on}, "b": END}), "id": node_id}

    nodes = [changing("order", "+=", 1), changing("other", "set", "text")]
    sim = begun(*nodes, edges=[], variables={"n": 0})
    arrives(sim, "go")
    decided = list(sim.appends)
    sim.appends.clear()
    send(sim, "go", at="other")
    assert sim.state.values == {"n": "text"}
    sim.appends += decided
    rest(sim)
    assert sim.state.error.code == "variable.type"
    assert sim.state.nodes["order"].status == "failing"


def test_more_changes_than_allowed_fail_the_node() -> None:
    sim = begun(order(max_transitions=2))
    for _ in range(3):
        send(sim, "pay", amount=10)
    assert sim.state.error.code == "machine.too_many_transitions"
    assert sim.state.error.details == {"node": "order", "scope": "", "state": "paid"}


def test_a_timeout_of_the_node_bounds_the_whole() -> None:
    sim = begun({**order(), "timeout": "1h"})
    sim.run()
    assert sim.state.error.code == "node.timeout"


def test_a_machine_inside_an_iteration_has_a_place_of_its_own() -> None:
    each = {"items": [1, 2], "concurrency": 2, "nodes": [order()], "edges": []}
    sim = begun({"id": "each", "type": "iteration", "config": each})
    for place in ("each[1]/order", "each[0]/order"):
        arrives(sim, "cancel", at=place)
    rest(sim)
    assert sim.state.outputs == {"output": ["cancelled", "cancelled"]}


def test_the_view_shows_the_state_and_the_events_it_takes() -> None:
    sim = begun(order(message="{{n}} waits", assignee="ops"), variables={"n": "A7"})
    (node,) = (one for one in run_view(sim.plan, sim.state).nodes if one.address == "order")
    waiting = node.waiting
    assert node.status == "waiting"
    assert (waiting.waiting_for, waiting.state) == ("state_machine", "created")
    assert (waiting.events, waiting.message) == (("cancel", "pay"), "A7 waits")
    assert (waiting.assignee, waiting.token) == ("ops", review_token(RUN, "order", 1))


def test_while_it_is_busy_it_is_shown_running_with_all_events() -> None:
    sim = begun(machine(CHARGE))
    arrives(sim, "pay")
    node = run_view(sim.plan, sim.state).nodes[0]
    assert node.status == "running"
    assert node.waiting.events == ("pay", "ship")


def test_a_request_is_refused_by_what_is_known() -> None:
    sim = begun(order())
    token = review_token(RUN, "order", 1)
    assert machine_with(sim.state, token) == "order"
    check_event(sim.plan, sim.state, "order", "pay")
    with pytest.raises(InvalidRequest, match="cancel, pay, ship") as unknown:
        check_event(sim.plan, sim.state, "order", "refund")
    assert unknown.value.details == {"node": "order", "scope": "", "event": "refund"}
    with pytest.raises(Conflict, match="it takes: cancel, pay") as not_now:
        check_event(sim.plan, sim.state, "order", "ship")
    assert not_now.value.code == "machine.not_taken"
    # What follows the payment is not known before its action ended.
    arrives(sim, "pay", amount=20)
    check_event(sim.plan, sim.state, "order", "ship")
    send(sim, "cancel")
    assert machine_with(begun(order()).state, "run-1.0000") is None


def test_too_many_events_that_wait_are_refused_and_change_nothing() -> None:
    sim = begun(machine(CHARGE))
    for _ in range(MOST_QUEUED):
        arrives(sim, "pay")
    with pytest.raises(Conflict, match="1000 events wait"):
        check_event(sim.plan, sim.state, "order", "ship")
    before = sim.state
    arrives(sim, "ship")
    assert sim.state is before


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"initial": "nowhere"}, "machine.no_state", "initial"),
        ({"on": {"go": "nowhere"}}, "machine.no_state", "states.a.on.go.target"),
        ({"on": {"go": {"target": "b", "guard": "x > 1"}}}, "condition.invalid", "guard"),
        ({"on": {"go": {"target": "b", "guard": {"left": 1}}}}, "condition.invalid", "guard"),
        ({"on": {"no way": "b"}}, "config.wrong_value", "states.a.on"),
        ({"on": {"timeout": "b"}}, "config.wrong_value", "states.a.on"),
        ({"on": {"go": {"goal": "b"}}}, "config.wrong_type", "states"),
        ({"timeout": {"after": "soon", "target": "b"}}, "config.wrong_value", "timeout.after"),
        ({"final": True, "on": {"go": "b"}}, "config.wrong_value", "states.a.final"),
        ({"entry": {}}, "loop.empty", "nodes[0].config"),
        ({"entry": {**NOTE, "when": 1}}, "config.wrong_value", "states.a.entry.when"),
        ({"variables": {"state": 1}}, "config.wrong_value", "variables"),
        ({"states": {}}, "config.wrong_value", "states"),
        ({"max_transitions": 0}, "config.wrong_type", "max_transitions"),
        (
            {"on": {"go": {"target": "b", "assign": [{"variable": "none", "value": 1}]}}},
            "variable.unknown",
            "states.a.on.go.assign[0].variable",
        ),
        (
            {"on": {"go": {"target": "b", "assign": [{"variable": "event", "value": 1}]}}},
            "variable.unknown",
            "states.a.on.go.assign[0].variable",
        ),
    ],
)
def test_what_cannot_work_is_found_beforehand(change: dict, code: str, path: str) -> None:
    of_state = {"on", "timeout", "final", "entry"} & change.keys()
    config = {
        "initial": "a",
        "states": {"a": {"on": {"go": "b"}, **(change if of_state else {})}, "b": END},
        **({} if of_state else change),
    }
    document = {"id": "w", "nodes": [{"id": "m", "type": "state_machine", "config": config}]}
    found = [one for one in load_workflow(document).findings if one.level == "error"]
    assert [one for one in found if one.code == code and path in one.path], found


def test_an_unknown_name_in_a_guard_or_an_assignment_is_found() -> None:
    way = {
        "target": "b",
        "guard": {"left": "{{evnt.amount}}", "operator": "equals", "right": 1},
        "assign": [{"variable": "n", "value": "{{m.x}}"}],
    }
    node = machine({"a": {"on": {"go": way}}, "b": END}, variables={"n": 0})
    document = {"id": "w", "inputs": {}, "nodes": [node]}
    found = [one for one in load_workflow(document).findings if one.level == "error"]
    assert {(one.code, one.path.rpartition("go.")[2]) for one in found} == {
        ("reference.unknown", "guard"),
        ("reference.unknown", "assign"),
    }


def test_states_that_lead_nowhere_are_warned_of() -> None:
    node = machine({"a": {"on": {"go": "b"}}, "b": {}, "lost": END})
    found = load_workflow({"id": "w", "nodes": [node]}).findings
    assert {one.code for one in found if one.level == "warning"} == {
        "machine.unreachable",
        "machine.stuck",
        "machine.endless",
    }

"""Checks the webhooks of a workflow: addresses, how senders are known, schemas and inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from runfold.graph.bodies import bodies_of
from runfold.graph.checks.trigger_inputs import check_trigger_inputs
from runfold.graph.definition import Node, Workflow
from runfold.graph.findings import Findings
from runfold.graph.webhooks import LONGEST_PATH, LONGEST_WAIT, NAMES, PATH, Webhook
from runfold.values.durations import parse_duration, unreadable
from runfold.values.json_schema import schema_problem

REPLY = "webhook_reply"
"""The kind whose nodes answer requests."""
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_SECRET = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def check_webhooks(workflow: Workflow, found: Findings) -> None:
    """Find what is wrong with the webhooks of a workflow."""
    taken: set[tuple[str, str]] = set()
    for place, one in enumerate(workflow.settings.webhooks):
        where = f"settings.webhooks[{place}]"
        _check_address(one, where, taken, found)
        _check_auth(one, where, found)
        _check_values(one, where, found)
        if one.answer == "reply" and not any(node.type == REPLY for node in _all(workflow.nodes)):
            message = "answer: reply needs a node of type webhook_reply, and there is none"
            found.error("webhook.no_reply_node", f"{where}.answer", message)


def _all(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        for body in bodies_of(node).values():
            yield from _all(body.nodes)


def _check_address(one: Webhook, where: str, taken: set[tuple[str, str]], found: Findings) -> None:
    if len(one.path) > LONGEST_PATH or not PATH.fullmatch(one.path):
        message = f"{one.path[:80]!r} is not a path: letters, digits, - and _, parts between /"
        found.error("webhook.path", f"{where}.path", message, "write path: shop/orders")
    if not one.methods:
        found.error("webhook.methods", f"{where}.methods", "a webhook takes at least one method")
    for method in one.methods:
        if (one.path, method) in taken:
            message = f"{method} {one.path} is declared twice"
            found.error("webhook.twice", f"{where}.path", message)
        taken.add((one.path, method))


def _check_auth(one: Webhook, where: str, found: Findings) -> None:
    auth = one.auth
    if one.deduplicate and not _HEADER.fullmatch(one.deduplicate):
        message = f"{one.deduplicate[:80]!r} is not the name of a header"
        found.error("webhook.header", f"{where}.deduplicate", message)
    if isinstance(auth, str):
        message = "anybody who knows the path can begin runs: auth is none"
        found.warning("webhook.open", f"{where}.auth", message)
        return
    if not auth.secrets or not all(_SECRET.fullmatch(name) for name in auth.secrets):
        message = "secret names a secret, or several: letters, digits, _, . and -"
        hint = "set it as RUNFOLD_SECRET_<name> of the gateway"
        found.error("webhook.secret", f"{where}.auth.secret", message, hint)
    if auth.type == "header" and not auth.header:
        found.error("webhook.header", f"{where}.auth.header", "say in which header the secret is")
    for name in ("header", "timestamp_header"):
        value = getattr(auth, name)
        if value and not _HEADER.fullmatch(value):
            message = f"{value[:80]!r} is not the name of a header"
            found.error("webhook.header", f"{where}.auth.{name}", message)
    for problem in unreadable({"tolerance": auth.tolerance}, parse_duration, "tolerance"):
        found.error("webhook.duration", f"{where}.auth.tolerance", problem[1])


def _check_values(one: Webhook, where: str, found: Findings) -> None:
    problem = schema_problem(one.schema)
    if problem:
        found.error("webhook.schema", f"{where}.schema", problem)
    wrong = [message for _, message in unreadable(_timeout(one), parse_duration, "timeout")]
    if not wrong and not 0 < parse_duration(one.timeout) <= LONGEST_WAIT:
        wrong = [f"a run is waited for up to {LONGEST_WAIT:g} s, and over 0"]
    for message in wrong:
        found.error("webhook.duration", f"{where}.timeout", message)
    check_trigger_inputs(one.inputs, NAMES, "webhook", where, found)


def _timeout(one: Webhook) -> dict[str, object]:
    return {"timeout": one.timeout}

"""`webhook_reply` nodes: the answer is worked out here, and sent by the gateway that waits."""

from __future__ import annotations

from runfold.engine.decide.effects import Append
from runfold.engine.decide.node_context import NodeContext
from runfold.errors import NodeFailed
from runfold.graph.kinds.webhook_reply import MOST_HEADERS, header_problem, status_problem
from runfold.values.json_text import text_of


def webhook_reply(ctx: NodeContext) -> Append:
    """Record what is answered.

    Raises:
        NodeFailed: `webhook.reply_invalid`, for a status or a header that cannot be sent.
    """
    status = ctx.render(ctx.config.get("status", 200))
    if isinstance(status, str) and status.strip().isdecimal():
        status = int(status)
    given = ctx.object("headers", ctx.config.get("headers", {}))
    headers = {name: text_of(value) for name, value in given.items()}
    problems = [status_problem(status)]
    problems += [header_problem(name, value) for name, value in headers.items()]
    if len(headers) > MOST_HEADERS:
        problems.append(f"{len(headers)} headers, and at most {MOST_HEADERS} are sent")
    if problem := next(filter(None, problems), ""):
        raise NodeFailed(problem, code="webhook.reply_invalid", kind="input")
    body = ctx.render(ctx.config.get("body"))
    return ctx.succeeded({"status": status, "headers": headers, "body": body, "output": body})

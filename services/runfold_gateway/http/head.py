"""HEAD wherever there is GET, and `Allow` that says so.

A HEAD request runs the route of GET and sends its status and headers. A route whose body has no end
looks with `is_head` whether it is asked for one.
"""

from __future__ import annotations

from collections.abc import Mapping

from runfold_gateway.http.asgi import App, Message, Receive, Scope, Send

_MARK = "runfold_head"


def is_head(scope: Mapping[str, object]) -> bool:
    """Whether only the headers of an answer are asked for."""
    return _MARK in scope


class HeadRequests:
    """ASGI middleware that answers HEAD.

    Args:
        app: What answers GET.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [_with_head(header) for header in message["headers"]]
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        if head:
            scope = {**scope, "method": "GET", _MARK: True}
        await self._app(scope, receive, answer)


def _with_head(header: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    name, value = header
    if name.lower() != b"allow":
        return header
    methods = {method.strip() for method in value.split(b",")}
    if b"GET" in methods:
        methods.add(b"HEAD")
    return name, b", ".join(sorted(methods))

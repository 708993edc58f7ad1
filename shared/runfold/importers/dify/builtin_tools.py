"""Tools that Dify brings along and that need no service: what stands for them here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from runfold.importers.dify.builtin_programs import PROGRAMS
from runfold.importers.dify.simple_code import SIMPLE_CODE, simple_code

Configured = tuple[dict[str, Any], list[str]]
"""Configuration of a node, and what is to be said of it."""


class Builtin(NamedTuple):
    """What stands for a tool."""

    type: str
    """The kind of node."""
    configure: Callable[[dict[str, Any]], Configured | None]
    """Its configuration, of the tool's parameters; None where they are such that nothing does."""


def builtin(provider: str, tool: str) -> Builtin | None:
    """What stands for a tool; None when nothing does."""
    name = (provider.rpartition("/")[2].strip().lower(), tool.strip().lower())
    if name == SIMPLE_CODE:
        return Builtin("code", simple_code)
    if name in _PAGES:
        return Builtin("http_request", _page)
    program = PROGRAMS.get(name)
    return None if program is None else Builtin("code", lambda given: _program(program, given))


def _program(code: str, given: dict[str, Any]) -> Configured:
    return {"code": code, "params": {"given": given}}, []


_PAGES = frozenset((("webscraper", "webscraper"),))


def _page(given: dict[str, Any]) -> Configured:
    config = {
        "url": given.get("url") or "",
        "headers": {"User-Agent": given.get("user_agent") or "Mozilla/5.0"},
        "response_type": "text",
        "fail_on_status": True,
    }
    return config, ["the page is given as it is sent, and not as its readable text"]

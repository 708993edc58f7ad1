"""Names of a workflow that templates and expressions would read as something else.

An id may be `1st`, `a-b`, `true` or `in`. Where a template or an expression reads such a name, it
is respelled `_['1st']` before anything parses it. What the author wrote stays in the stored
definition; plans and checks read the respelled one.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from runfold.graph.definition import Node, Workflow
from runfold.graph.kinds import kind_of
from runfold.values.paths import BY_NAME, is_name
from runfold.values.references import is_data
from runfold.values.template_lexer import Unclosed, blocks_of, is_template
from runfold.values.template_scan import CONSTANTS, WORDS, is_plain

_TOKENS = 1_000_000
"""Tokens of a template after which it is left alone: the checks refuse it."""
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_BRACED = r"\{\{.*?\}\}"
_CONSTANTS = CONSTANTS | {"null"}
_NOT_PYTHON = frozenset((*keyword.kwlist, "true", "false", "null", "none"))
_NUMBER = re.compile(r"[\d_-]+|0[xXbBoO][0-9a-fA-F_]+|\d[\d_]*[eE]-?\d+|\d[\d_]*[jJ]")
"""Names that by themselves are numbers, or sums of them."""
_KEPT = "code"
"""Raw fields that are not respelled here."""
_NODES = "nodes"


class _Spelling:
    """How the awkward names of one workflow are respelled."""

    def __init__(self, names: set[str]) -> None:
        in_templates = filter(_is_awkward_in_template, names)
        in_python = filter(_is_awkward_in_python, names)
        self._in_templates = _pattern(in_templates, WORDS, "")
        self._in_python = _pattern(in_python, _NOT_PYTHON, f"|{_BRACED}")

    def template(self, text: str) -> str:
        """A template, names inside its blocks respelled. Plain references are left alone."""
        pattern = self._in_templates
        if pattern is None or not is_template(text) or is_plain(text):
            return text
        pieces: list[str] = []
        at = 0
        try:
            for block in blocks_of(text, _TOKENS):
                if block.tokens:
                    start, end = block.tokens[0].start, block.tokens[-1].end
                    pieces += (text[at:start], pattern.sub(_respelled, text[start:end]))
                    at = end
        except (Unclosed, OverflowError):
            return text
        return "".join((*pieces, text[at:]))

    def expression(self, text: str) -> str:
        """A condition's text; what stands in `{{…}}` or quotes is left alone."""
        return self._in_python.sub(_respelled, text) if self._in_python else text


def with_safe_names(workflow: Workflow) -> Workflow:
    """The workflow with awkward names respelled; itself when it has none."""
    names = {
        name
        for name in (*workflow.inputs, *workflow.variables, *_names_in(workflow.nodes))
        if is_name(name) and (_is_awkward_in_template(name) or _is_awkward_in_python(name))
    }
    if not names:
        return workflow
    spelling = _Spelling(names)
    settings = workflow.settings
    if settings.concurrency is not None:
        key = spelling.template(settings.concurrency.key)
        concurrency = msgspec.structs.replace(settings.concurrency, key=key)
        settings = msgspec.structs.replace(settings, concurrency=concurrency)
    nodes = tuple(_node(node, spelling) for node in workflow.nodes)
    return msgspec.structs.replace(workflow, nodes=nodes, settings=settings)


def _names_in(nodes: Any) -> Iterator[str]:
    """Ids of nodes, those in bodies included, and the names that composites provide."""
    for node in nodes:
        one = node if isinstance(node, Node) else _as_node(node)
        if one is None:
            continue
        yield one.id
        kind = kind_of(one.type)
        if kind is not None:
            yield from kind.provides(one.config)
        for inner in _inner_nodes(one.config):
            yield from _names_in(inner)


def _as_node(value: Any) -> Node | None:
    """A node of a body, which is a plain object there."""
    if not isinstance(value, dict):
        return None
    node_id, kind, config = (value.get(name) for name in ("id", "type", "config"))
    config = {} if config is None else config
    if isinstance(node_id, str) and isinstance(kind, str) and isinstance(config, dict):
        return Node(id=node_id, type=kind, config=config)
    return None


def _inner_nodes(config: Any) -> Iterator[list[Any]]:
    if isinstance(config, dict):
        for key, inner in config.items():
            if key == _NODES and isinstance(inner, list):
                yield inner
            else:
                yield from _inner_nodes(inner)


# --- respelling ---------------------------------------------------------------------------------


def _node(node: Node, spelling: _Spelling) -> Node:
    changes: dict[str, Any] = {"config": _config(node.type, node.config, spelling)}
    if node.idempotency_key:
        changes["idempotency_key"] = spelling.template(node.idempotency_key)
    for name in ("breaker", "rate_limit", "cache"):
        part = getattr(node, name)
        if part is not None:
            changes[name] = msgspec.structs.replace(part, key=spelling.template(part.key))
    return msgspec.structs.replace(node, **changes)


def _config(node_type: str, config: dict[str, Any], spelling: _Spelling) -> dict[str, Any]:
    kind = kind_of(node_type)
    raw = kind.raw if kind else ()
    return {
        name: value
        if name in raw and (name == _KEPT or is_data(name, raw))
        else _condition(value, spelling, is_text=True)
        if name in raw
        else _value(value, spelling, key=name)
        for name, value in config.items()
    }


def _value(value: Any, spelling: _Spelling, key: str = "") -> Any:
    """A value whose texts are templates; nodes of a body may be in it."""
    if isinstance(value, str):
        return spelling.template(value)
    if isinstance(value, dict):
        return {name: _value(inner, spelling, name) for name, inner in value.items()}
    if isinstance(value, list):
        if key == _NODES:
            return [_inner(one, spelling) for one in value]
        return [_value(one, spelling) for one in value]
    return value


def _inner(value: Any, spelling: _Spelling) -> Any:
    node = _as_node(value)
    if node is None:
        return _value(value, spelling)
    rest = {name: _value(inner, spelling) for name, inner in value.items() if name not in _LITERAL}
    kept = {name: inner for name, inner in value.items() if name in _LITERAL}
    made = {**rest, **kept, "config": _config(node.type, node.config, spelling)}
    return {name: made[name] for name in value}


_LITERAL = frozenset(("id", "type", "name", "on_error", "config"))
"""Fields of a node that are no templates, or are respelled apart."""


def _condition(value: Any, spelling: _Spelling, *, is_text: bool) -> Any:
    """Text under `condition` is an expression, other text a template."""
    if isinstance(value, str):
        return spelling.expression(value) if is_text else spelling.template(value)
    if isinstance(value, dict):
        return {
            key: _condition(inner, spelling, is_text=key == "condition")
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_condition(one, spelling, is_text=False) for one in value]
    return value


def _pattern(names: Iterable[str], words: frozenset[str], beside: str) -> re.Pattern[str] | None:
    """What finds the names, the longest first; quoted text is found too, and left alone."""
    longest = sorted(names, key=len, reverse=True)
    if not longest:
        return None
    found = "|".join(re.escape(name) + _behind(name, words) for name in longest)
    return re.compile(rf"(?:{_QUOTED}{beside})|(?<![\w.])(?P<name>{found})(?!\w)", re.DOTALL)


def _behind(name: str, words: frozenset[str]) -> str:
    """What has to follow a name that by itself means something else."""
    if name in words and name not in _CONSTANTS:
        return r"(?=\.[^\W\d])"
    if name in _CONSTANTS or _NUMBER.fullmatch(name):
        return r"(?=\.[^\W\d]|\[\s*['\"])"
    return ""


def _respelled(found: re.Match[str]) -> str:
    name = found.group("name")
    return found.group() if name is None else f"{BY_NAME}['{name}']"


def _is_awkward_in_template(name: str) -> bool:
    return not name.isidentifier() or name in WORDS


def _is_awkward_in_python(name: str) -> bool:
    same = unicodedata.is_normalized("NFKC", name)
    return not name.isidentifier() or name in _NOT_PYTHON or not same

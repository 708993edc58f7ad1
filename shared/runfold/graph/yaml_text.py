"""YAML read as JSON would be: only `true` and `false` are booleans, dates and `1:30` stay text.

An author who writes `port: no` means the text, and one who writes a key twice means one of them:
that is said, not guessed.
"""

from __future__ import annotations

import re
from typing import Any

import yaml
from yaml.constructor import ConstructorError

_MERGE = "tag:yaml.org,2002:merge"
_PLAIN = {
    "tag:yaml.org,2002:bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "tag:yaml.org,2002:int": (r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
    "tag:yaml.org,2002:float": (
        r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
        r"|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+.0123456789",
    ),
    "tag:yaml.org,2002:null": (r"~|null|Null|NULL|", "~nN"),
    _MERGE: (r"<<", "<"),
}
"""Which plain scalars are not text: a pattern of the whole, and how it may begin."""

# The C parser is some ten times faster; a PyYAML built without it reads the same.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]  # which of the two is known when it runs
    """YAML to JSON values."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        if not hasattr(node, "runfold_checked"):
            # Before merges put the keys of other mappings beside this one's.
            node.runfold_checked = True
            _check_keys(node)
        super().flatten_mapping(node)


def _check_keys(node: yaml.MappingNode) -> None:
    """Make every key text, and refuse one that is there twice."""
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise ConstructorError(None, None, "a key must be text, and references stand in quotes", key.start_mark)
        if key.tag == _MERGE:
            continue
        if key.value in seen:
            message = f"the key {key.value!r} is there twice"
            raise ConstructorError(None, None, message, key.start_mark)
        seen.add(key.value)
        key.tag = "tag:yaml.org,2002:str"


def _whole_number(loader: Any, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node), 0)


for _tag, (_pattern, _starts) in _PLAIN.items():
    _Loader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), [*_starts, ""])
_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)


def yaml_value(text: str, *, max_depth: int, max_values: int) -> Any:
    """The JSON value that YAML text spells.

    Raises:
        yaml.YAMLError: When it is no YAML, nested too deep, or holds too much.
    """
    _check_size(text, max_depth, max_values)
    return yaml.load(text, Loader=_Loader)  # noqa: S506 -- a safe loader's subclass


def _check_size(text: str, max_depth: int, max_values: int) -> None:
    """Before anything recurses: deep nesting in the C parser takes the whole process down."""
    depth = values = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            continue
        depth += isinstance(event, yaml.CollectionStartEvent)
        values += 1
        if depth > max_depth:
            message = f"nested more than {max_depth} deep"
            raise ConstructorError(None, None, message, event.start_mark)
        if values > max_values:
            message = f"more than {max_values} keys and values"
            raise ConstructorError(None, None, message, event.start_mark)

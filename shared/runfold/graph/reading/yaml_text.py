"""YAML read as JSON would be: only `true` and `false` are booleans, dates and `1:30` stay text.

An author who writes `port: no` means the text, and one who writes a key twice means one of them:
that is said, not guessed.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import yaml
from yaml.constructor import ConstructorError

_MERGE = "tag:yaml.org,2002:merge"
_MOST_MERGED = 100_000
"""Keys looked at for merging; few bytes of YAML can merge very many."""
PLAIN = {
    "tag:yaml.org,2002:bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "tag:yaml.org,2002:int": (r"[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+", "-+0123456789"),
    "tag:yaml.org,2002:float": (
        (
            r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
            r"|[-+]?[0-9]+[eE][-+]?[0-9]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
        ),
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

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._merged = 0
        self._flat: set[int] = set()

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Replace `<<` by other mappings' keys, each once; they may have theirs from merges."""
        if id(node) in self._flat:
            return
        self._flat.add(id(node))
        _check_keys(node)
        own = [pair for pair in node.value if pair[0].tag != _MERGE]
        present = {key.value for key, _ in own}
        inherited = []
        for other in merged_into(node):
            self.flatten_mapping(other)
            self._merged += len(other.value)
            if self._merged > _MOST_MERGED:
                raise _refused(f"more than {_MOST_MERGED} keys are merged", node)
            for key, inner in other.value:
                if key.value not in present:
                    present.add(key.value)
                    inherited.append((key, inner))
        node.value = inherited + own


def merged_into(node: yaml.MappingNode) -> list[yaml.MappingNode]:
    """The mappings that the merge keys of one name, singly or in lists."""
    mappings: list[yaml.MappingNode] = []
    for key, value in node.value:
        if key.tag != _MERGE:
            continue
        for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if not isinstance(one, yaml.MappingNode):
                raise _refused("'<<' takes over the keys of a mapping, or of a list of them", one)
            mappings.append(one)
    return mappings


def _refused(message: str, at: yaml.Node | yaml.Event) -> ConstructorError:
    mark: Any = at.start_mark
    return ConstructorError(None, None, message, mark)


def _check_keys(node: yaml.MappingNode) -> None:
    """Make every key text, and refuse one that is there twice."""
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refused("a key must be text, and references stand in quotes", key)
        if key.tag == _MERGE:
            continue
        if key.value in seen:
            message = f"the key {key.value!r} is there twice"
            raise _refused(message, key)
        seen.add(key.value)
        key.tag = "tag:yaml.org,2002:str"


def _whole_number(loader: Any, node: yaml.ScalarNode) -> int:
    return int(loader.construct_scalar(node), 0)


for _tag, (_pattern, _starts) in PLAIN.items():
    _Loader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), [*_starts, ""])
_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)


def yaml_value(text: str, *, max_depth: int, max_values: int) -> Any:
    """The JSON value that YAML text spells.

    Raises:
        yaml.YAMLError: When it is no YAML, nested too deep, or holds too much.
    """
    _check_size(text, max_depth, max_values)
    return yaml.load(text, Loader=_Loader)  # noqa: S506 -- a safe loader's subclass


def composed(text: str) -> yaml.Node | None:
    """The nodes of YAML text that `yaml_value` has read, with their marks."""
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return node


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
            raise _refused(message, event)
        if values > max_values:
            message = f"more than {max_values} keys and values"
            raise _refused(message, event)

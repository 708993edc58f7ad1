"""Where something stands in the text an author wrote: the line and column of a path.

Looked up only for what there is something to say about: a document that is read without a finding
is not looked at again. The text was read before, so it is JSON or YAML of bounded size and depth.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

import yaml

from runfold.graph.reading.yaml_text import composed, merged_into

_DEEPEST = 24
"""Steps of a path that are followed: each looks at the text of all that stands in it."""
_BLANK = re.compile(r"[ \t\n\r]*")
_CUT = re.compile(r"[.\[]")
_UNREADABLE = (ValueError, LookupError, RecursionError, yaml.YAMLError)
_skipped = json.JSONDecoder().raw_decode


class Place(NamedTuple):
    """A place in a text, counted from 1; zeros for one that is not known."""

    line: int = 0
    column: int = 0


NOWHERE = Place()


class Places(Protocol):
    """A text in which places are looked up."""

    def of(self, path: str) -> Place:
        """Where `nodes[2].config.prompt` stands, or what of it is there."""


class JsonPlaces:
    """Places in JSON text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._inside: dict[int, dict[str, tuple[int, int]]] = {}
        self._again: int | None = None

    def of(self, path: str) -> Place:
        """Where a path stands, or what of it is there."""
        at = value = self._after(0)
        try:
            for _ in range(_DEEPEST):
                children = self._children(value)
                step = _first_step(path, children)
                if not step:
                    break
                at, value = children[step]
                path = path[len(step) :].removeprefix(".")
        except _UNREADABLE:
            return self.at(at)
        return self.at(at)

    def span(self, key: str) -> tuple[int, int] | None:
        """Where the value of a key of the outermost object begins and ends; None without one."""
        try:
            _, value = self._children(self._after(0))[key]
            _, end = _skipped(self._text, value)
        except _UNREADABLE:
            return None
        return value, end

    def at(self, offset: int) -> Place:
        """The place of a character."""
        line = bisect_right(self._lines, offset)
        return Place(line, offset - self._lines[line - 1] + 1)

    def of_second_key(self) -> Place:
        """Where a key stands that its object has already."""
        left = [self._after(0)]
        try:
            while left and self._again is None:
                left += [value for _, value in self._children(left.pop()).values()]
        except _UNREADABLE:
            return NOWHERE
        return NOWHERE if self._again is None else self.at(self._again)

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(end.end() for end in re.finditer("\n", self._text))]

    def _children(self, at: int) -> dict[str, tuple[int, int]]:
        """What stands in an object or list, by step: where it begins, and where its value does."""
        if at in self._inside:
            return self._inside[at]
        text = self._text
        inside = self._inside[at] = {}
        opening = text[at]
        if opening not in "{[":
            return inside
        at = self._after(at + 1)
        while text[at] not in "}]":
            value = at
            step = f"[{len(inside)}]"
            if opening == "{":
                step, end = _skipped(text, at)
                value = self._after(self._after(end) + 1)
                if step in inside and self._again is None:
                    self._again = at
            inside[step] = (at, value)
            _, end = _skipped(text, value)
            at = self._after(end)
            if text[at] == ",":
                at = self._after(at + 1)
        return inside

    def _after(self, offset: int) -> int:
        blank = _BLANK.match(self._text, offset)
        return blank.end() if blank else offset


class YamlPlaces:
    """Places in YAML text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._inside: dict[int, dict[str, tuple[yaml.Node, yaml.Node]]] = {}

    def of(self, path: str) -> Place:
        """Where a path stands, or what of it is there."""
        at = value = self._root
        for _ in range(_DEEPEST):
            children = {} if value is None else self._children(value)
            step = _first_step(path, children)
            if not step:
                break
            at, value = children[step]
            path = path[len(step) :].removeprefix(".")
        return place_of(at.start_mark) if at is not None else NOWHERE

    @cached_property
    def _root(self) -> yaml.Node | None:
        try:
            return composed(self._text)
        except _UNREADABLE:
            return None

    def _children(self, node: yaml.Node) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if id(node) in self._inside:
            return self._inside[id(node)]
        inside = self._inside[id(node)] = {}
        if isinstance(node, yaml.SequenceNode):
            inside |= {f"[{index}]": (one, one) for index, one in enumerate(node.value)}
        elif isinstance(node, yaml.MappingNode):
            for other in merged_into(node):
                inside |= {k: v for k, v in self._children(other).items() if k not in inside}
            inside |= {key.value: (key, value) for key, value in node.value}
        return inside


def place_of(mark: yaml.Mark) -> Place:
    """The place of a mark, which counts from 0."""
    return Place(mark.line + 1, mark.column + 1)


def _first_step(path: str, children: Mapping[str, object]) -> str:
    """The step at which a path begins: the longest that there is, since keys may have dots."""
    ends = [cut.start() for cut in _CUT.finditer(path) if cut.start()]
    for end in (len(path), *reversed(ends)):
        if path[:end] in children:
            return path[:end]
    return ""

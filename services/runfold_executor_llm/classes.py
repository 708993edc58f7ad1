"""What a model is told about classes, and which one its answer names. Pure.

An answer that names no class, or several, is of none: `Chosen.problem` says why. Nothing is guessed
from a word that merely occurs in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from runfold.errors import NodeFailed
from runfold.graph.kinds.intent import IntentClass
from runfold_executor_llm.json_in_prose import value_in
from runfold_executor_llm.reasoning import behind_thoughts

NONE = ("other", "none", "none of them")
"""What the model says for no class: the first that no class is called."""
_SHOWN = 200
_LONGEST = 50_000
"""Characters of an answer with its thoughts that is read: a class has a few."""
_AROUND = " \t\r\n\"'`*_.,:;!?()[]{}<>«»“”\u2018\u2019「」『』【】。、#-"
"""What models put around a class, Markdown and punctuation."""
_BEFORE = re.compile(
    r"(?:the )?(?:best |correct |right )?(?:answer|class|category|label|intent|number|option|no"
    r"|分类|类别|意图|答案|编号|选项|類別|分類)"
    r"(?: number)?\s*(?:is|are|是|为|為|[:=#.])?\s*",
    re.IGNORECASE,
)
"""What models put before one."""
_NUMBER = re.compile(r"(\d{1,6})(?!\d)(.*)", re.DOTALL)
_SEVERAL = re.compile(r"\s*(?:[,、/&+;]|\band\b|\bor\b|和|或|与)\s*", re.IGNORECASE)


class Chosen(msgspec.Struct, frozen=True):
    """What was read of an answer."""

    index: int
    """Of the class, from 1; 0 for none."""
    reason: str = ""
    problem: str = ""
    """Why there is none, when the model did not say that there is."""


class Classes:
    """The classes of one node.

    Args:
        given: As they are configured.
        fallback: Id of the class of what belongs to none; empty for none.
    """

    def __init__(self, given: Sequence[str | IntentClass], fallback: str = "") -> None:
        self.items = [IntentClass(id=one) if isinstance(one, str) else one for one in given]
        ids = [one.id for one in self.items]
        self.fallback = ids.index(fallback) + 1 if fallback in ids else 0
        """Number of the class of what belongs to none, from 1; 0 for none."""
        names = [_line(one.name) or _line(one.id) for one in self.items]
        times = Counter(map(_plain, names))
        self.labels = [
            name if times[_plain(name)] == 1 else f"{name} ({one.id})"
            for name, one in zip(names, self.items, strict=True)
        ]
        """What the model calls them; each is another."""
        taken = {_plain(label) for label in self.labels}
        self.none = next((word for word in NONE if word not in taken), "no class at all")
        self.has_numbers = not any(_bare(label).isdecimal() for label in self.labels)
        """Whether a number says which: where a class is called one, it would say two things."""

        pairs = [(0, self.none), *enumerate(self.labels, start=1)]
        pairs += [
            (at, one.id) for at, one in enumerate(self.items, start=1) if not _is_number(one.id)
        ]
        self._by_form: list[tuple[Callable[[str], str], dict[str, set[int]]]] = []
        """Classes by what they are called, in each form in which that is compared."""
        for form in (_plain, _bare):
            called: dict[str, set[int]] = {}
            for index, name in pairs:
                called.setdefault(form(name), set()).add(index)
            self._by_form.append((form, called))

    @property
    def listed(self) -> str:
        """The classes as the model reads them."""
        lines = []
        for number, (label, one) in enumerate(zip(self.labels, self.items, strict=True), start=1):
            mark = f"{number}." if self.has_numbers else "-"
            about = f": {_line(one.description)}" if _line(one.description) else ""
            examples = "".join(f"\n   for example: {_line(text)}" for text in one.examples)
            lines.append(f"{mark} {label}{about}{examples}")
        return "Classes:\n" + "\n".join(lines)

    @property
    def schema(self) -> dict[str, Any]:
        """Of an answer in full mode. The reason is first, so that it is thought of first."""
        return {
            "title": "intent",
            "type": "object",
            "properties": {
                "reason": {"type": "string"},
                "class": {"type": "string", "enum": [*self.labels, self.none]},
            },
            "required": ["reason", "class"],
            "additionalProperties": False,
        }

    def read(self, text: str) -> Chosen:
        """The class that an answer names: in JSON, or by a number or a name on a line of its own.

        Args:
            text: The answer; thoughts in it are passed over.
        """
        chosen = self._read(text)
        if chosen.index or not self.fallback:
            return chosen
        return msgspec.structs.replace(chosen, index=self.fallback)

    def _read(self, text: str) -> Chosen:
        if len(text) > _LONGEST:
            return _nothing("the answer is far too long to name a class", text)
        value = _json(text)
        if not isinstance(value, dict):
            return self._named(behind_thoughts(text).strip())
        chosen = self._named(_class_in(value))
        reason = value.get("reason")
        return msgspec.structs.replace(chosen, reason=reason if isinstance(reason, str) else "")

    def _named(self, said: Any) -> Chosen:
        found = self._all_in(said)
        if len(found) == 1:
            return Chosen(found.pop())
        if found:
            return _nothing("the answer names several classes", said)
        if isinstance(said, int | str) and _is_number(str(said)):
            return _nothing("there is no such class", said)
        return _nothing("the answer names no class", said)

    def _all_in(self, said: Any) -> set[int]:
        """The classes that are said: by the whole, else by lines of it, or in a list."""
        if isinstance(said, list):
            return set[int]().union(*map(self._all_in, said))
        whole = self._index(said)
        if whole is not None or not isinstance(said, str):
            return set() if whole is None else {whole}
        lines = said.splitlines()
        if len(lines) > 1:
            return set[int]().union(*map(self._all_in, lines))
        parts = [self._index(part) for part in _SEVERAL.split(said)]
        found = {part for part in parts if part is not None}
        return found if len(found) > 1 and None not in parts else set()

    def _index(self, said: Any) -> int | None:
        """The class that is said, 0 for none of them; None for what does not say it."""
        if isinstance(said, bool) or not isinstance(said, str | int):
            return None
        text = str(said)
        index = self._called(text)
        if index is None and (before := _BEFORE.match(_bare(text))):
            index = self._called(_bare(text)[before.end() :])
        return index

    def _called(self, text: str) -> int | None:
        for form, called in self._by_form:
            found = called.get(form(text), set())
            if len(found) == 1:
                return next(iter(found))
        number = _NUMBER.fullmatch(_bare(text)) if self.has_numbers else None
        if number is None or int(number[1]) > len(self.items):
            return None
        index, rest = int(number[1]), _bare(number[2])
        return index if not rest or index in self._by_form[1][1].get(rest, ()) else None


def _json(text: str) -> Any:
    try:
        return value_in(text, "")
    except NodeFailed:
        return None


def _class_in(value: dict[str, Any]) -> Any:
    """The member that holds the class, by the names that models give it."""
    names = ("class", "category", "label", "intent", "class_name", "category_name")
    return next((value[name] for name in names if name in value), None)


def _line(text: str) -> str:
    """A text on one line: what is on the next would look like another class."""
    return " ".join(text.split())


def _plain(text: str) -> str:
    """A text as it is compared: full-width letters and capitals are like the others."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _bare(text: str) -> str:
    return _plain(text).strip(_AROUND)


def _is_number(text: str) -> bool:
    return _bare(text).isdecimal()


def _nothing(why: str, said: Any) -> Chosen:
    shown = " ".join(str(said)[: _SHOWN * 10].split())[:_SHOWN]
    return Chosen(0, problem=f"{why}: {shown!r}" if shown else why)

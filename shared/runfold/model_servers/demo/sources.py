"""What the demo model says of sources that it is given: what is worded most alike. Pure.

It quotes, cites the source by its number, and understands nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from runfold.model_servers.demo.lexical import likeness

_BEGIN = "Sources, by number."
_NONE = "No sources were found."
_HEAD = re.compile(r"^\[(\d{1,4})\](.*)$", re.MULTILINE)
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s)|[\u3002\uff01\uff1f]|$)")
_LEAST = 12
"""Letters of what counts as a sentence."""
_LONGEST = 300
_NO_PROSE = ("|", "#")
"""What lines of tables and headings of Markdown begin with."""


class _Source(NamedTuple):
    number: str
    text: str


def quoted_source(messages: Sequence[Any], question: str, label: str) -> str | None:
    """An answer out of the sources in a conversation; None without any.

    Args:
        messages: As in a chat completion request.
        question: What the user asked.
        label: What the demo model's answers begin with.
    """
    for message in messages:
        text = message.get("content") if isinstance(message, dict) else None
        if not isinstance(text, str):
            continue
        if _BEGIN in text:
            return _quoted(_sources(text.partition(_BEGIN)[2]), question, label)
        if _NONE in text:
            return f"{label} There are no sources to answer from."
    return None


def _sources(text: str) -> list[_Source]:
    found = list(_HEAD.finditer(text))
    ends = [one.start() for one in found[1:]] + [len(text)]
    return [
        _Source(one[1], f"{one[2]}\n{text[one.end() : end]}")
        for one, end in zip(found, ends, strict=True)
        if one[1] != "1" or one.start() > text.find("as [1]")
    ]


def _quoted(sources: list[_Source], question: str, label: str) -> str | None:
    """The sentence that has most of the question's words; of several the first."""
    said = [(source.number, one) for source in sources for one in _sentences(source.text)]
    if not said:
        return None
    number, sentence = max(said, key=lambda one: likeness(question, one[1]))
    return (
        f'{label} Quoted, since it is worded most like the question: "{sentence[:_LONGEST]}" '
        f"[{number}]"
    )


def _sentences(text: str) -> Iterator[str]:
    lines = (line for line in text.partition("\n")[2].split("\n") if line[:1] not in _NO_PROSE)
    for paragraph in "\n".join(lines).split("\n\n"):
        for one in _SENTENCE.findall(" ".join(paragraph.split())):
            if len(one.strip()) >= _LEAST:
                yield one.strip()

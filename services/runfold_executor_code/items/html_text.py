"""The text of a page as readers see it: headings in capitals, links with their addresses."""

from __future__ import annotations

import re
import textwrap
from typing import Any

from runfold_executor_code.items.html_tree import attributes, children

_WIDTH = 80
_HEADINGS = {"h1": 3, "h2": 3, "h3": 3, "h4": 2, "h5": 2, "h6": 2}
"""Lines that headings are apart from what is before."""
_LOUD = ("h1", "h2", "h3")
_APART = {"p": 2, "ul": 2, "ol": 2, "blockquote": 2, "pre": 2, "hr": 2}
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "div", "dl", "dd", "dt", "figure", "figcaption", "footer"),
        *("form", "header", "main", "nav", "section", "table", "tr", "td", "th", "thead", "tbody"),
        *("tfoot", "caption", "body", "html", "fieldset", "details", "summary"),
    )
)
_SKIPPED = frozenset(("script", "style", "-comment", "noscript", "template", "head", "!doctype"))
_TEXT = "-text"
_SPACE = re.compile(r"[ \t\r\n\f\u200b]+")
_RULE = 40
_DEEPEST = 300


class _Writer:
    """Puts a text together, block by block."""

    def __init__(self) -> None:
        self.blocks: list[tuple[int, str, int]] = []
        """Lines before, the text, lines after."""
        self.line = ""

    def say(self, text: str) -> None:
        """Go on with the line."""
        self.line += text

    def end(self, before: int = 0, after: int = 0) -> None:
        """End a block."""
        text = self.line.strip(" ")
        self.line = ""
        if text:
            self.blocks.append((before, _wrapped(text), after))

    def text(self) -> str:
        """All of it."""
        made = ""
        gap = 0
        for before, text, after in self.blocks:
            if made:
                made += "\n" * max(1, gap, before)
            made += text
            gap = after
        return made


def _wrapped(text: str) -> str:
    lines = []
    for line in text.split("\n"):
        if len(line) <= _WIDTH:
            lines.append(line.strip(" "))
            continue
        lines += textwrap.wrap(
            line, _WIDTH, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
        )
    return "\n".join(lines)


def readable(root: Any, skipped: frozenset[int]) -> str:
    """The text in an element.

    Args:
        root: An element.
        skipped: The ids of elements that are left out.
    """
    writer = _Writer()
    _walk(root, writer, skipped, 0, 0)
    writer.end()
    return writer.text()


def _walk(node: Any, writer: _Writer, skipped: frozenset[int], loud: int, depth: int) -> None:
    if depth > _DEEPEST:
        return
    for child in children(node):
        if child.mem_id in skipped:
            continue
        name = child.tag
        if name == _TEXT:
            _say_text(child.text() or "", writer, loud)
        elif name not in _SKIPPED:
            _element(name, child, writer, skipped, loud, depth + 1)


def _say_text(text: str, writer: _Writer, loud: int) -> None:
    said = _SPACE.sub(" ", text)
    if writer.line == "" or writer.line.endswith((" ", "\n")):
        said = said.lstrip(" ")
    writer.say(said.upper() if loud else said)


def _element(
    name: str, node: Any, writer: _Writer, skipped: frozenset[int], loud: int, depth: int
) -> None:
    if name == "br":
        writer.line = writer.line.rstrip(" ") + "\n"
    elif name == "img":
        _say_image(node, writer)
    elif name == "a":
        _say_link(node, writer, skipped, loud, depth)
    elif name == "hr":
        writer.end()
        writer.say("-" * _RULE)
        writer.end(2, 2)
    elif name == "pre":
        writer.end()
        writer.blocks.append((2, (node.text() or "").strip("\n"), 2))
    elif name in ("ul", "ol"):
        _list(name, node, writer, skipped, loud, depth)
    elif name in _HEADINGS or name in _APART or name in _BLOCKS:
        _block(name, node, writer, skipped, loud, depth)
    else:
        _walk(node, writer, skipped, loud, depth)


def _block(
    name: str, node: Any, writer: _Writer, skipped: frozenset[int], loud: int, depth: int
) -> None:
    before = _HEADINGS.get(name, _APART.get(name, 1))
    after = 2 if name in _HEADINGS else _APART.get(name, 1)
    writer.end()
    begun = len(writer.blocks)
    _walk(node, writer, skipped, loud or int(name in _LOUD), depth)
    writer.end()
    made = writer.blocks[begun:]
    if name == "blockquote":
        made = [
            (lead, "\n".join(f"> {line}" for line in text.split("\n")), trail)
            for lead, text, trail in made
        ]
        writer.blocks[begun:] = made
    if made:
        first, last = made[0], made[-1]
        writer.blocks[begun] = (max(first[0], before), *first[1:])
        last = writer.blocks[-1]
        writer.blocks[-1] = (*last[:2], max(last[2], after))


def _list(
    name: str, node: Any, writer: _Writer, skipped: frozenset[int], loud: int, depth: int
) -> None:
    writer.end()
    begun = len(writer.blocks)
    for at, child in enumerate((one for one in children(node) if one.tag == "li"), 1):
        inner = _Writer()
        _walk(child, inner, skipped, loud, depth)
        inner.end()
        mark = " * " if name == "ul" else f" {at}. "
        text = inner.text().replace("\n", "\n" + " " * len(mark))
        if text:
            writer.blocks.append((1, mark + text, 1))
    if len(writer.blocks) > begun:
        writer.blocks[begun] = (2, *writer.blocks[begun][1:])
        writer.blocks[-1] = (*writer.blocks[-1][:2], 2)


def _say_image(node: Any, writer: _Writer) -> None:
    said = attributes(node)
    source = f"[{said['src']}]" if said.get("src") else ""
    writer.say(" ".join(one for one in (said.get("alt", ""), source) if one))


def _say_link(node: Any, writer: _Writer, skipped: frozenset[int], loud: int, depth: int) -> None:
    begun = len(writer.line)
    _walk(node, writer, skipped, loud, depth)
    address = attributes(node).get("href", "").removeprefix("mailto:")
    if address:
        has_text = bool(writer.line[begun:].strip())
        writer.say(
            f" [{address}]" if has_text and not writer.line.endswith(" ") else f"[{address}]"
        )

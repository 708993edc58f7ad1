"""`textwrap`: `dedent`, `indent`, and `wrap`, `fill`, `shorten` with the usual options."""

import re
from typing import Any

_SPLIT = re.compile("(\\s+)")


def dedent(text: str) -> str:
    lines = text.split("\n")
    margin: Any = None
    for line in lines:
        words = line.lstrip(" \t")
        if not words:
            continue
        lead = line[: len(line) - len(words)]
        if margin is None:
            margin = lead
        while not lead.startswith(margin):
            margin = margin[:-1]
    cut = len(margin or "")
    return "\n".join([line[cut:] if line.strip(" \t") else "" for line in lines])


def indent(text: str, prefix: str, predicate: Any = None) -> str:
    pieces = []
    for line in text.splitlines(keepends=True):
        wanted = predicate(line) if predicate else line.strip()
        pieces.append(prefix + line if wanted else line)
    return "".join(pieces)


def _pieces(text: str, on_hyphens: bool) -> Any:
    pieces = []
    for piece in _SPLIT.split(text):
        at = piece.find("-", 1) if on_hyphens else -1
        while 0 < at < len(piece) - 1 and piece[at - 1].isalpha() and piece[at + 1].isalpha():
            pieces.append(piece[: at + 1])
            piece = piece[at + 1 :]
            at = piece.find("-", 1)
        if piece:
            pieces.append(piece)
    return pieces


def wrap(
    text: str,
    width: int = 70,
    initial_indent: str = "",
    subsequent_indent: str = "",
    break_long_words: bool = True,
    break_on_hyphens: bool = True,
    max_lines: Any = None,
    placeholder: str = " [...]",
) -> Any:
    if width <= 0:
        raise ValueError("invalid width " + repr(width) + " (must be > 0)")
    flat = "".join([" " if sign in "\t\n\x0b\x0c\r" else sign for sign in text.expandtabs()])
    pieces = _pieces(flat, break_on_hyphens)
    lines: Any = []
    at = 0
    while at < len(pieces):
        lead = subsequent_indent if lines else initial_indent
        room = width - len(lead)
        if lines and not pieces[at].strip():
            at += 1
        line: Any = []
        size = 0
        while at < len(pieces) and size + len(pieces[at]) <= room:
            line.append(pieces[at])
            size += len(pieces[at])
            at += 1
        if at < len(pieces) and len(pieces[at]) > room:
            cut = max(room - size, 0 if line else 1)
            if break_long_words:
                if cut:
                    line.append(pieces[at][:cut])
                    size += cut
                    pieces[at] = pieces[at][cut:]
            elif not line:
                line.append(pieces[at])
                size += len(pieces[at])
                at += 1
        if line and not line[-1].strip():
            size -= len(line[-1])
            line = line[:-1]
        if not line:
            continue
        rest = "".join(pieces[at:]).strip()
        if max_lines is None or len(lines) + 1 < max_lines or not rest:
            lines.append(lead + "".join(line))
            continue
        while line:
            if line[-1].strip() and size + len(placeholder) <= room:
                lines.append(lead + "".join(line) + placeholder)
                return lines
            size -= len(line[-1])
            line = line[:-1]
        if lines:
            last = lines[-1].rstrip()
            if len(last) + len(placeholder) <= width:
                lines[-1] = last + placeholder
                return lines
        lines.append(lead + placeholder.lstrip())
        return lines
    return lines


def fill(text: str, width: int = 70, **options: Any) -> str:
    return "\n".join(wrap(text, width, **options))


def shorten(text: str, width: int, placeholder: str = " [...]", **options: Any) -> str:
    return fill(" ".join(text.split()), width, max_lines=1, placeholder=placeholder, **options)

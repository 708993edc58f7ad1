"""Markdown inside a line as HTML: code, links, images, emphasis."""

from __future__ import annotations

import re
from html import escape

import msgspec

_MOST_MARKED = 20_000
"""Characters of a paragraph in which emphasis is looked for: that takes long in more."""


class Asked(msgspec.Struct, frozen=True):
    """What a conversion does beyond plain Markdown."""

    tables: bool = False
    strikes: bool = False
    tasks: bool = False
    breaks: bool = False
    links_itself: bool = False
    new_window: bool = False
    underline: bool = False
    header_ids: bool = True
    header_level: int = 1
    header_prefix: str = ""
    like_github: bool = False
    needs_space: bool = False
    ellipsis: bool = True


_CODE = re.compile(r"(`+)(?!`)((?:(?!\1).){1,2000}?)\1(?!`)", re.DOTALL)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>|<!--.{0,1000}?-->", re.DOTALL)
_AUTO = re.compile(r"<((?:https?|ftp)://[^<>\s]{1,2000}|[\w.+-]{1,100}@[\w.-]{1,200})>")
_IMAGE = re.compile(
    r"!\[([^\[\]]{0,2000})\]\(\s*<?([^()\s<>]{0,2000})>?(?:\s+[\"']([^\"']{0,1000})[\"'])?\s*\)"
)
_LINK = re.compile(
    r"\[([^\[\]]{0,2000})\]\(\s*<?((?:[^()\s<>]|\([^()\s]{0,500}\)){0,2000})>?"
    r"(?:\s+[\"']([^\"']{0,1000})[\"'])?\s*\)"
)
_REFERENCE = re.compile(r"\[([^\[\]]{1,1000})\] ?(?:\n ?)?\[([^\[\]]{0,1000})\]")
_BARE = re.compile(r"(?<![\"'>=\](\w/])((?:https?://|www\.)[^\s<>\"']{2,2000}[^\s<>\"'.,;:!?)])")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()>#+.!~=|:-])")
_KEPT = re.compile("\x02(\\d+)\x03")
_STRONG_EM = re.compile(r"(\*{3}|_{3})(?=\S)(.{1,1000}?)(?<=\S)\1", re.DOTALL)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.{1,1000}?)(?<=\S)\1", re.DOTALL)
_EM = re.compile(r"(\*|_)(?=\S)(.{1,1000}?)(?<=\S)\1", re.DOTALL)
_STRIKE = re.compile(r"~~(?=\S)(.{1,1000}?)(?<=\S)~~", re.DOTALL)


class Line:
    """Turns one line, or one block of lines, into HTML."""

    def __init__(self, asked: Asked, references: dict[str, tuple[str, str]]) -> None:
        self.asked = asked
        self.references = references
        self.kept: list[str] = []

    def html(self, text: str) -> str:
        """A text as HTML."""
        text = text.replace("\x02", "").replace("\x03", "")
        text = _CODE.sub(lambda one: self._keep(_code(one[2])), text)
        text = _ESCAPED.sub(lambda one: self._keep(escape(one[1], quote=False)), text)
        text = _IMAGE.sub(lambda one: self._keep(_image(one[1], one[2], one[3])), text)
        text = self._links(text)
        text = _AUTO.sub(lambda one: self._keep(self._link(one[1], one[1], "")), text)
        text = _TAG.sub(lambda one: self._keep(one[0]), text)
        if self.asked.links_itself:
            text = _BARE.sub(lambda one: self._keep(self._link(one[1], one[1], "")), text)
        text = _ampersands(text).replace("<", "&lt;")
        if len(text) <= _MOST_MARKED:
            text = self._emphasis(text)
        if self.asked.ellipsis:
            text = text.replace("...", "…")
        text = re.sub(r" {2,}\n", "<br />\n", text)
        if self.asked.breaks:
            text = re.sub(r"(?<!<br />)\n", "<br />\n", text)
        for _ in range(20):
            if "\x02" not in text:
                break
            text = _KEPT.sub(lambda one: self.kept[int(one[1])], text)
        return text

    def _keep(self, html: str) -> str:
        self.kept.append(html)
        return f"\x02{len(self.kept) - 1}\x03"

    def _links(self, text: str) -> str:
        text = _LINK.sub(lambda one: self._keep_link(one[2], one[1], one[3] or ""), text)

        def referred(one: re.Match[str]) -> str:
            known = self.references.get((one[2] or one[1]).lower())
            return self._keep_link(known[0], one[1], known[1]) if known else one[0]

        return _REFERENCE.sub(referred, text)

    def _keep_link(self, address: str, text: str, title: str) -> str:
        opened, closed = self._link(address, "\x00", title).split("\x00")
        return self._keep(opened) + text + self._keep(closed)

    def _link(self, address: str, text: str, title: str) -> str:
        if "@" in address and "://" not in address and not address.startswith("mailto:"):
            address = f"mailto:{address}"
        elif address.startswith("www."):
            address = f"http://{address}"
        more = f' title="{escape(title)}"' if title else ""
        if self.asked.new_window:
            more += ' rel="noopener noreferrer" target="_blank"'
        return f'<a href="{escape(address)}"{more}>{text}</a>'

    def _emphasis(self, text: str) -> str:
        if self.asked.underline:
            text = re.sub(r"___(\S.{0,1000}?)___", r"<u><em>\1</em></u>", text)
            text = re.sub(r"__(\S.{0,1000}?)__", r"<u>\1</u>", text)
        text = _STRONG_EM.sub(r"<strong><em>\2</em></strong>", text)
        text = _STRONG.sub(r"<strong>\2</strong>", text)
        text = _EM.sub(r"<em>\2</em>", text)
        return _STRIKE.sub(r"<del>\1</del>", text) if self.asked.strikes else text


def _code(text: str) -> str:
    return f"<code>{escape(text.strip(), quote=False)}</code>"


def _image(alt: str, source: str, title: str | None) -> str:
    more = f' title="{escape(title)}"' if title else ""
    return f'<img src="{escape(source)}" alt="{escape(alt)}"{more} />'


def _ampersands(text: str) -> str:
    return re.sub(r"&(?!#?[xX]?(?:[0-9a-fA-F]+|\w+);)", "&amp;", text)

"""Pages as Markdown: headings, lists, links, code, tables."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from runfold_executor_code.items.html_tree import attributes, children

_SKIPPED = frozenset(
    ("script", "style", "head", "noscript", "template", "-comment", "!doctype", "svg", "title")
)
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "body", "center", "dd", "details", "div", "dl", "dt"),
        *("fieldset", "figcaption", "figure", "footer", "form", "header", "html", "main", "nav"),
        *("p", "section", "summary", "caption", "blockquote"),
    )
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LAID_OUT = frozenset(("ul", "ol", "pre", "hr", "table", "li", *_HEADINGS))
"""Blocks that Markdown has marks for."""
_PARTS = frozenset(("tr", "td", "th", "thead", "tbody", "tfoot", "aside"))
_NOT_IGNORED = (_BLOCKS | _LAID_OUT | _PARTS) - {"details", "summary"}
"""Elements that n8n writes also where its node is told to leave them out."""
_SPACE = re.compile(r"[ \t\r\n\f]+")
_TEXT = "-text"
_MARKED = {
    "strong": "strong",
    "b": "strong",
    "em": "emphasis",
    "i": "emphasis",
    "del": "strike",
    "s": "strike",
    "strike": "strike",
}
_DEEPEST = 300
_SPECIAL = re.compile(r"([\\`*_~\[\]])")


class Marks(msgspec.Struct, frozen=True):
    """The marks that are written, and elements that are left out."""

    bullet: str = "*"
    fence: str = "```"
    emphasis: str = "_"
    strong: str = "**"
    strike: str = "~~"
    ignored: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    most_newlines: int = 3
    keeps_data_images: bool = False


def markdown_of(root: Any, marks: Marks) -> str:
    """The text in an element, as Markdown."""
    text = "\n\n".join(one for one in _Writer(marks).blocks(root, 0) if one.strip())
    most = marks.most_newlines
    return re.sub(rf"\n{{{most + 1},}}", "\n" * most, text).strip("\n")


class _Writer:
    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.skipped = _SKIPPED | (frozenset(marks.ignored) - _NOT_IGNORED)

    def blocks(self, node: Any, depth: int) -> list[str]:
        """The blocks in an element."""
        made: list[str] = []
        line = ""
        if depth > _DEEPEST:
            return made
        for child in children(node):
            name = child.tag
            if name in self.skipped:
                continue
            if self._is_block(name):
                made += [_tidy(line)] if line.strip() else []
                line = ""
                made += self._block(name, child, depth + 1)
            else:
                line = self._joined(line, self.inline(child, depth + 1))
        made += [_tidy(line)] if line.strip() else []
        return made

    def _joined(self, line: str, more: str) -> str:
        return line + (more.lstrip(" ") if line == "" or line.endswith((" ", "\n")) else more)

    def _is_block(self, name: str) -> bool:
        return name in _BLOCKS or name in _LAID_OUT or name in self.marks.blocks

    def _block(self, name: str, node: Any, depth: int) -> list[str]:
        match name:
            case "hr":
                return ["---"]
            case "pre":
                return [self._code(node)]
            case "ul" | "ol":
                return [self._list(name, node, depth)]
            case "table":
                return [self._table(node, depth)]
            case "blockquote":
                inner = "\n\n".join(self.blocks(node, depth))
                return ["\n".join(f"> {line}".rstrip() for line in inner.split("\n"))]
            case _ if name in _HEADINGS:
                inner = _tidy(self.line(node, depth)).replace("\n", " ")
                return [f"{'#' * int(name[1])} {inner}"] if inner else []
            case _:
                return self.blocks(node, depth)

    def line(self, node: Any, depth: int) -> str:
        """What is in an element, as one line."""
        made = ""
        for child in children(node):
            if child.tag not in self.skipped:
                made = self._joined(made, self.inline(child, depth + 1))
        return made

    def inline(self, node: Any, depth: int) -> str:
        """An element inside a line."""
        if depth > _DEEPEST:
            return ""
        match node.tag:
            case "-text":
                return _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", node.text() or ""))
            case "br":
                return "  \n"
            case "img":
                return self._image(node)
            case "a":
                return self._link(node, depth)
            case "code" | "kbd" | "samp" | "tt":
                text = _SPACE.sub(" ", node.text() or "").strip()
                return f"`{text}`" if text else ""
            case name if name in _MARKED:
                return self._marked(getattr(self.marks, _MARKED[name]), node, depth)
            case name if self._is_block(name):
                return " ".join(self._block(name, node, depth + 1))
            case _:
                return self.line(node, depth)

    def _marked(self, mark: str, node: Any, depth: int) -> str:
        text = self.line(node, depth)
        inner = text.strip()
        if not inner:
            return text
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return f"{lead}{mark}{inner}{mark}{trail}"

    def _image(self, node: Any) -> str:
        said = attributes(node)
        source = said.get("src", "")
        if not source or (source.startswith("data:") and not self.marks.keeps_data_images):
            return ""
        title = f' "{said["title"]}"' if said.get("title") else ""
        return f"![{said.get('alt', '')}]({source}{title})"

    def _link(self, node: Any, depth: int) -> str:
        text = self.line(node, depth).strip()
        said = attributes(node)
        address = said.get("href", "")
        if not address or not text:
            return text
        title = f' "{said["title"]}"' if said.get("title") else ""
        if text == address and not title:
            return f"<{address}>"
        return f"[{text}]({address}{title})"

    def _code(self, node: Any) -> str:
        inner = node.css_first("code")
        classes = attributes(inner).get("class", "") if inner is not None else ""
        language = re.search(r"lang(?:uage)?-(\S+)", classes)
        text = (node.text() or "").strip("\n")
        return f"{self.marks.fence}{language[1] if language else ''}\n{text}\n{self.marks.fence}"

    def _list(self, name: str, node: Any, depth: int) -> str:
        lines = []
        items = [one for one in children(node) if one.tag == "li"]
        start = attributes(node).get("start", "1")
        first = int(start) if start.isdecimal() else 1
        for at, item in enumerate(items, first):
            mark = f"{self.marks.bullet} " if name == "ul" else f"{at}. "
            text = "\n".join(self.blocks(item, depth + 1))
            lines.append(mark + text.replace("\n", "\n" + " " * len(mark)))
        return "\n".join(lines)

    def _table(self, node: Any, depth: int) -> str:
        rows = [
            [self._cell(cell, depth) for cell in children(row) if cell.tag in ("td", "th")]
            for row in node.css("tr")
        ]
        rows = [row for row in rows if row]
        if not rows:
            return ""
        width = max(map(len, rows))
        filled = [row + [""] * (width - len(row)) for row in rows]
        lines = ["| " + " | ".join(row) + " |" for row in filled]
        return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])

    def _cell(self, cell: Any, depth: int) -> str:
        return _tidy(self.line(cell, depth)).replace("\n", " ").replace("|", "\\|")


def _tidy(line: str) -> str:
    return "\n".join(
        one.strip(" ") if at == 0 else one.lstrip(" ")
        for at, one in enumerate(line.rstrip().split("\n"))
    )

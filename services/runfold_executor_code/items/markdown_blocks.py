"""Markdown as HTML: headings, lists, quotes, code, tables, in the manner of showdown."""

from __future__ import annotations

import re
from html import escape

from runfold_executor_code.items.markdown_inline import Asked, Line

_HEADING = re.compile(r"(#{1,6})([ \t]*)(.+?)[ \t]*#*[ \t]*$")
_RULE = re.compile(r" {0,2}(?:(?:\* ?){3,}|(?:- ?){3,}|(?:_ ?){3,})[ \t]*$")
_ITEM = re.compile(r"( {0,3})([*+-]|\d{1,9}\.)[ \t]+(.*)$")
_FENCE = re.compile(r" {0,3}(```+|~~~+)[ \t]*([^\s`]*)[ \t]*$")
_REFERENCE = re.compile(
    r" {0,3}\[([^\]]{1,1000})\]:[ \t]*<?(\S{1,4000}?)>?"
    r"(?:[ \t]+[\"'(]([^\"')]{0,1000})[\"')])?[ \t]*$"
)
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)*\|?[ \t]*$")
_HTML = re.compile(
    r"</?(?:p|div|h[1-6]|blockquote|pre|table|dl|ol|ul|script|noscript|form|fieldset|iframe|math|"
    r"style|section|header|footer|nav|article|aside|address|audio|canvas|figure|hgroup|output|"
    r"video|details|hr|!--|html|head|body|center)\b",
    re.IGNORECASE,
)
_TASK = re.compile(r"\[([ xX]?)\][ \t]+")
_DEEPEST = 20


def html_of(text: str, asked: Asked) -> str:
    """A text of Markdown as HTML."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    references: dict[str, tuple[str, str]] = {}
    lines = []
    for line in text.split("\n"):
        match = _REFERENCE.match(line)
        if match:
            references[match[1].lower()] = (match[2], match[3] or "")
        else:
            lines.append(line)
    return "\n".join(_Blocks(asked, references).of(lines, 0))


class _Blocks:
    """Turns lines into blocks of HTML."""

    def __init__(self, asked: Asked, references: dict[str, tuple[str, str]]) -> None:
        self.asked = asked
        self.references = references
        self.ids: dict[str, int] = {}

    def of(self, lines: list[str], depth: int) -> list[str]:
        """The blocks of lines."""
        made: list[str] = []
        at = 0
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            for take in (
                self._fence,
                self._heading,
                self._rule,
                self._quote,
                self._list,
                self._table,
                self._code,
                self._page,
            ):
                html, end = take(lines, at, depth)
                if end > at:
                    made.append(html)
                    at = end
                    break
            else:
                html, at = self._paragraph(lines, at, depth)
                made.append(html)
        return made

    def _inline(self, text: str) -> str:
        return Line(self.asked, self.references).html(text)

    def _fence(self, lines: list[str], at: int, _depth: int) -> tuple[str, int]:
        match = _FENCE.match(lines[at])
        if match is None:
            return "", at
        end = at + 1
        while end < len(lines) and not lines[end].strip().startswith(match[1]):
            end += 1
        if end == len(lines):
            return "", at
        language = f' class="{escape(match[2])} language-{escape(match[2])}"' if match[2] else ""
        code = "\n".join(lines[at + 1 : end])
        return f"<pre><code{language}>{escape(code, quote=False)}\n</code></pre>", end + 1

    def _heading(self, lines: list[str], at: int, _depth: int) -> tuple[str, int]:
        match = _HEADING.match(lines[at])
        if match and (match[2] or not self.asked.needs_space):
            return self._headed(len(match[1]), match[3]), at + 1
        if at + 1 < len(lines) and lines[at].strip() and not _ITEM.match(lines[at]):
            under = lines[at + 1].strip()
            if under and set(under) in ({"="}, {"-"}) and not lines[at].startswith(">"):
                return self._headed(1 if under[0] == "=" else 2, lines[at].strip()), at + 2
        return "", at

    def _headed(self, level: int, text: str) -> str:
        level = min(6, level + self.asked.header_level - 1)
        html = self._inline(text)
        mark = f' id="{self._id(text)}"' if self.asked.header_ids else ""
        return f"<h{level}{mark}>{html}</h{level}>"

    def _id(self, text: str) -> str:
        name = self.asked.header_prefix + text
        if self.asked.like_github:
            made = re.sub(r"[^\w\s-]", "", name.lower()).replace(" ", "-")
        else:
            made = re.sub(r"[^\w]", "", name.lower())
        count = self.ids.get(made, -1) + 1
        self.ids[made] = count
        return f"{made}-{count}" if count else made

    def _rule(self, lines: list[str], at: int, _depth: int) -> tuple[str, int]:
        return ("<hr />", at + 1) if _RULE.match(lines[at]) else ("", at)

    def _quote(self, lines: list[str], at: int, depth: int) -> tuple[str, int]:
        if not lines[at].lstrip().startswith(">") or depth >= _DEEPEST:
            return "", at
        end = at
        inner = []
        while end < len(lines) and lines[end].strip():
            inner.append(re.sub(r"^ {0,3}> ?", "", lines[end]))
            end += 1
        blocks = "\n".join(self.of(inner, depth + 1))
        indented = "\n".join(f"  {line}" for line in blocks.split("\n"))
        return f"<blockquote>\n{indented}\n</blockquote>", end

    def _list(self, lines: list[str], at: int, depth: int) -> tuple[str, int]:
        first = _ITEM.match(lines[at])
        if first is None or depth >= _DEEPEST:
            return "", at
        is_ordered = first[2][0].isdigit()
        items: list[list[str]] = []
        is_loose = False
        end = at
        while end < len(lines):
            line = lines[end]
            match = _ITEM.match(line)
            if match and len(match[1]) <= len(first[1]) + 1:
                if match[2][0].isdigit() != is_ordered:
                    break
                items.append([match[3]])
            elif not line.strip():
                following = next((one for one in lines[end + 1 :] if one.strip()), "")
                other = _ITEM.match(following)
                is_next = other is not None and other[2][0].isdigit() == is_ordered
                if not is_next and not following.startswith("  "):
                    break
                is_loose = is_loose or is_next
                items[-1].append("")
            elif line.startswith("  ") or not self._begins(line):
                items[-1].append(re.sub(r"^ {1,4}", "", line))
            else:
                break
            end += 1
        name = "ol" if is_ordered else "ul"
        body = "\n".join(self._item(one, depth, is_loose=is_loose) for one in items)
        return f"<{name}>\n{body}\n</{name}>", end

    def _begins(self, line: str) -> bool:
        return bool(_HEADING.match(line) or _RULE.match(line) or _FENCE.match(line))

    def _item(self, lines: list[str], depth: int, *, is_loose: bool) -> str:
        while lines and not lines[-1].strip():
            lines = lines[:-1]
        mark = ""
        task = _TASK.match(lines[0]) if lines and self.asked.tasks else None
        if task:
            checked = " checked" if task[1].strip() else ""
            style = 'style="margin: 0px 0.35em 0.25em -1.6em; vertical-align: middle;"'
            mark = f'<input type="checkbox" disabled {style}{checked}> '
            lines = [lines[0][task.end() :], *lines[1:]]
            opened = '<li class="task-list-item" style="list-style-type: none;">'
        else:
            opened = "<li>"
        blocks = self.of(lines, depth + 1)
        if blocks and not is_loose and blocks[0].startswith("<p>"):
            blocks[0] = blocks[0].removeprefix("<p>").removesuffix("</p>")
        inner = "\n".join(blocks)
        return f"{opened}{mark}{inner}</li>"

    def _table(self, lines: list[str], at: int, _depth: int) -> tuple[str, int]:
        is_table = (
            self.asked.tables
            and at + 1 < len(lines)
            and "|" in lines[at]
            and _TABLE_RULE.match(lines[at + 1])
        )
        if not is_table:
            return "", at
        head, rule = _cells(lines[at]), _cells(lines[at + 1])
        styles = [_alignment(one) for one in rule]
        end = at + 2
        rows = []
        while end < len(lines) and "|" in lines[end]:
            rows.append(_cells(lines[end]))
            end += 1
        names = [re.sub(r"[^\w]+", "_", one.lower()).strip() for one in head]
        top = "".join(
            f"<th{' id=' + chr(34) + name + chr(34) if self.asked.header_ids else ''}"
            f"{_style(styles, place)}>{self._inline(one)}</th>\n"
            for place, (one, name) in enumerate(zip(head, names, strict=True))
        )
        body = "".join(
            "<tr>\n"
            + "".join(
                f"<td{_style(styles, place)}>{self._inline(one)}</td>\n"
                for place, one in enumerate(row[: len(head)])
            )
            + "</tr>\n"
            for row in rows
        )
        return (
            f"<table>\n<thead>\n<tr>\n{top}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n</table>",
            end,
        )

    def _code(self, lines: list[str], at: int, _depth: int) -> tuple[str, int]:
        if not lines[at].startswith("    "):
            return "", at
        end = at
        while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
            end += 1
        code = "\n".join(line[4:] for line in lines[at:end]).rstrip("\n ")
        return f"<pre><code>{escape(code, quote=False)}\n</code></pre>", end

    def _page(self, lines: list[str], at: int, _depth: int) -> tuple[str, int]:
        if not _HTML.match(lines[at]):
            return "", at
        end = at
        while end < len(lines) and lines[end].strip():
            end += 1
        return "\n".join(lines[at:end]), end

    def _paragraph(self, lines: list[str], at: int, depth: int) -> tuple[str, int]:
        end = at
        while end < len(lines) and lines[end].strip():
            if end > at and self._ends(lines[end], depth):
                break
            end += 1
        text = "\n".join(line.lstrip() for line in lines[at:end])
        return f"<p>{self._inline(text.rstrip())}</p>", end

    def _ends(self, line: str, depth: int) -> bool:
        is_inner = depth > 0 and bool(_ITEM.match(line))
        return is_inner or self._begins(line) or line.startswith(">")


def _cells(line: str) -> list[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [one.strip().replace("\\|", "|") for one in re.split(r"(?<!\\)\|", inner)]


def _alignment(rule: str) -> str:
    is_left, is_right = rule.startswith(":"), rule.endswith(":")
    if is_left and is_right:
        return "center"
    return "right" if is_right else "left" if is_left else ""


def _style(styles: list[str], place: int) -> str:
    side = styles[place] if place < len(styles) else ""
    return f' style="text-align:{side};"' if side else ""

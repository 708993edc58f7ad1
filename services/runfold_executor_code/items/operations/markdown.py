"""`markdown`: Markdown as HTML, and HTML as Markdown, in a field of the item."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from runfold_executor_code.items.html_markdown import Marks, markdown_of
from runfold_executor_code.items.html_tree import parsed
from runfold_executor_code.items.javascript_values import text
from runfold_executor_code.items.markdown_blocks import html_of
from runfold_executor_code.items.markdown_inline import Asked
from runfold_executor_code.items.parameters import count, flag, options_of, rows, word
from runfold_executor_code.items.paths import copied, names_in, put
from runfold_executor_code.items.patterns import pattern_of, replaced
from runfold_executor_code.items.step import ItemFailed, Made, Step, StepFailed

_SPACED_HEAD = re.compile(r"\s*(?:<!doctype[^>]*>\s*)?<html[^>]*>\s+<head", re.IGNORECASE)
"""A page whose white space before the head n8n keeps, as a line of its own."""
_HEAD = 2000
_MOST = 1_000_000
"""Characters of a text of Markdown."""
_PAGE = (
    '<!DOCTYPE HTML>\n<html>\n<head>\n<meta charset="utf-8">\n</head>\n<body>\n{}\n</body>\n</html>'
)


def run(step: Step) -> list[list[Made]]:
    """Each item with the converted text in a field."""
    made = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            written = step.of(index)
            mode = word(written.get("mode"), "htmlToMarkdown")
            if mode not in ("htmlToMarkdown", "markdownToHtml"):
                raise ItemFailed(index, f"there is no mode {mode!r}")
            convert = _to_markdown if mode == "htmlToMarkdown" else _to_html
            json: dict[str, Any] = copied(item["json"])
            put(json, word(written.get("destinationKey"), "data"), convert(written))
            made.append(Made(json, paired=(0, index)))
    return [made]


def _to_html(written: Mapping[str, Any]) -> str:
    options = options_of(written)
    prefix = options.get("prefixHeaderId", options.get("headerPrefix"))
    asked = Asked(
        tables=flag(options.get("tables")),
        strikes=flag(options.get("strikethrough")),
        tasks=flag(options.get("tasklists")),
        breaks=flag(options.get("simpleLineBreaks")),
        links_itself=flag(options.get("simplifiedAutoLink")),
        new_window=flag(options.get("openLinksInNewWindow")),
        underline=flag(options.get("underline")),
        header_ids=not flag(options.get("noHeaderId")),
        header_level=max(1, count(options.get("headerLevelStart"), 1)),
        header_prefix=prefix if isinstance(prefix, str) else "",
        like_github=flag(options.get("ghCompatibleHeaderId")),
        needs_space=flag(options.get("requireSpaceBeforeHeadingText")),
    )
    source = text(written.get("markdown") or "")
    if len(source) > _MOST:
        raise StepFailed(f"a text of {len(source)} characters: the limit is {_MOST}")
    html = html_of(source, asked)
    return _PAGE.format(html) if flag(options.get("completeHTMLDocument")) else html


def _to_markdown(written: Mapping[str, Any]) -> str:
    options = options_of(written)
    marks = Marks(
        bullet=word(options.get("bulletMarker"), "*"),
        fence=word(options.get("codeFence"), "```"),
        emphasis=word(options.get("emDelimiter"), "_"),
        strong=word(options.get("strongDelimiter"), "**"),
        ignored=tuple(names_in(options.get("ignore"))),
        blocks=tuple(names_in(options.get("blockElements"))),
        most_newlines=max(1, count(options.get("maxConsecutiveNewlines"), 3)),
        keeps_data_images=flag(options.get("keepDataImages")),
    )
    source = text(written.get("html") or "")
    tree = parsed(source)
    made = markdown_of(tree.body or tree.root, marks)
    if _SPACED_HEAD.match(source[:_HEAD]):
        made = f" \n\n{made}"
    for one in rows(options, "textReplace", "values"):
        pattern = pattern_of(text(one.get("pattern", "")))
        made = replaced(pattern, made, text(one.get("replacement", "")), once=False)
    return made

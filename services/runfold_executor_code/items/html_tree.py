"""Pages as trees, on selectolax: what CSS selectors find in them.

jQuery's own selectors `:first`, `:last`, `:eq(n)` and `:contains("…")` are taken at the end of a
selector; HTML in its place stands for itself.
"""

from __future__ import annotations

import re
from typing import Any

from runfold_executor_code.items.step import StepFailed

_OWN = re.compile(r":(first|last|eq|contains)(?![\w-])(?:\(\s*([\"']?)(.*?)\2\s*\))?$")
_MOST = 10_000_000
"""Characters of a page."""


def parsed(html: str) -> Any:
    """A page as a tree.

    Raises:
        StepFailed: When selectolax is not installed, or the page is too long.
    """
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError as error:
        message = "reading HTML needs selectolax: install runfold[documents]"
        raise StepFailed(message) from error
    if len(html) > _MOST:
        raise StepFailed(f"a page of {len(html)} characters: the limit is {_MOST}")
    return LexborHTMLParser(html)


def selected(tree: Any, selector: str) -> list[Any]:
    """The elements that a selector finds, in their order.

    Raises:
        StepFailed: When it is not a selector.
    """
    if selector.lstrip().startswith("<"):
        # As in jQuery, HTML in the place of a selector is the elements themselves.
        return _elements_of(selector)
    plain, filters = _apart(selector.strip())
    try:
        found = list(tree.css(plain or "*"))
    except Exception as error:  # selectolax raises several
        raise StepFailed(f"{selector[:200]!r} is not a CSS selector") from error
    for name, given in filters:
        found = _filtered(found, name, given)
    return found


def _elements_of(html: str) -> list[Any]:
    return [one for one in parsed(html).css("body > *") if one.tag != "-text"]


def _apart(selector: str) -> tuple[str, list[tuple[str, str]]]:
    filters: list[tuple[str, str]] = []
    while match := _OWN.search(selector):
        filters.insert(0, (match[1], match[3] or ""))
        selector = selector[: match.start()]
    return selector, filters


def _filtered(found: list[Any], name: str, given: str) -> list[Any]:
    match name:
        case "first":
            return found[:1]
        case "last":
            return found[-1:]
        case "contains":
            return [one for one in found if given in (one.text() or "")]
        case _:
            at = int(given) if re.fullmatch(r"-?\d{1,9}", given) else 0
            return found[at : at + 1 or None]


def inner_html(element: Any) -> str:
    """What is inside an element, as HTML."""
    parts = []
    child = element.child
    while child is not None:
        parts.append(_written(child))
        child = child.next
    return "".join(parts)


def _written(node: Any) -> str:
    return node.html or ""


def children(node: Any) -> list[Any]:
    """The nodes in a node, texts among them."""
    found = []
    child = node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def attributes(element: Any) -> dict[str, str]:
    """The attributes of an element; one without a value has an empty one."""
    return {name: value or "" for name, value in (element.attributes or {}).items()}

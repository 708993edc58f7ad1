"""`httpRequestPage` and `httpRequestNext`: the request of a page, and whether another one follows.

Their parameters read `$response`, `$pageCount` and `$request`. Native nodes make the requests, in a
loop for each item; `results` has the request of the plan, or the answer to the last one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from runfold_executor_code.items.javascript_values import (
    is_nan,
    json_text,
    number,
    truthy,
)
from runfold_executor_code.items.operations.http_request import body_of
from runfold_executor_code.items.parameters import word
from runfold_executor_code.items.step import ItemFailed, Made, Step

_PLACES = {"qs": "params", "headers": "headers", "body": "body"}
"""Where a parameter goes → the part of a request."""
_GOOD = range(200, 300)
_MOST_ALIKE = 3
"""Answers after which the same one once more ends it: no parameter seems to count."""


def page(step: Step) -> list[list[Made]]:
    """The request of the next page: that of the plan with what changes from page to page.

    Raises:
        ItemFailed: When it has no address, or a parameter no name, no value or no place.
    """
    written = step.of()
    request = dict(step.results) if isinstance(step.results, Mapping) else {}
    is_first = not number(written.get("count") or 0)
    if "nextURL" in written and not (is_first and written["nextURL"] is None):
        request = _at(request, written["nextURL"])
    for place, one in enumerate(_listed(written.get("parameters")), 1):
        part = _PLACES.get(word(one.get("type"), "qs"))
        name, value = one.get("name"), one.get("value")
        if part is None or not isinstance(name, str) or not name or value in ("", None):
            message = f"parameter {place} of the pages has no name, no value or no place"
            raise ItemFailed(0, message)
        inner = request.get(part)
        request[part] = {**(inner if isinstance(inner, Mapping) else {}), name: value}
    return [[Made(request, paired=(0, 0))]]


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in (value if isinstance(value, list) else ()) if isinstance(one, Mapping)]


def _at(request: dict[str, Any], url: Any) -> dict[str, Any]:
    """A request to the address of the next page, which may have parameters of its own."""
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise ItemFailed(0, f"{url!r} is not a valid URL: make sure that Next URL gives one")
    own = {name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)}
    params = request.get("params")
    kept = params if isinstance(params, Mapping) else {}
    left = {name: value for name, value in kept.items() if name not in own}
    return {**request, "url": url, "params": left}


def after(step: Step) -> list[list[Made]]:
    """Whether another page is asked for: `more`; and what tells whether answers are alike.

    Raises:
        ItemFailed: When one would be, and this one was an error, or the same as those before.
    """
    written = step.of()
    answer = step.results if isinstance(step.results, Mapping) else {}
    mark = hashlib.sha256(json_text(answer.get("body")).encode("utf-8", "replace")).hexdigest()
    alike = int(number(answer.get("alike") or 0)) + 1 if mark == answer.get("mark") else 0
    if alike >= _MOST_ALIKE:
        message = "the answers were identical, so requests got stopped: check when pages end"
        raise ItemFailed(0, message)
    most = number(written.get("maxRequests") or 0)
    is_last = not is_nan(most) and 0 < most <= number(written.get("count") or 0)
    more = not is_last and _goes_on(written, answer)
    status = answer.get("status_code")
    if more and isinstance(status, int) and status not in _GOOD:
        raise ItemFailed(0, f"Request failed with status code {status}")
    return [[Made({"more": more, "mark": mark, "alike": alike}, paired=(0, 0))]]


def _goes_on(written: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    match word(written.get("until"), "responseIsEmpty"):
        case "receiveSpecificStatusCodes":
            codes = str(written.get("statusCodes") or "").split(",")
            return str(answer.get("status_code")) not in [one.strip() for one in codes]
        case "responseIsEmpty":
            body = body_of(answer)
            return bool(body) if isinstance(body, list) else truthy(body)
        case _:
            status = answer.get("status_code")
            is_error = isinstance(status, int) and status not in _GOOD
            return not truthy(written.get("complete")) or (
                is_error and written.get("neverError") is not True
            )

"""How parameters are written: `style` and `explode` in paths, queries, headers and cookies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from runfold.openapi.operations import Parameter
from runfold.values.json_text import text_of, to_json

Pairs = list[tuple[str, str]]

RESERVED = ":/?@!$'()*,;="
"""What `allowReserved` leaves as it is: all but the characters that would end a value."""
_BETWEEN = {"form": ",", "spaceDelimited": "%20", "pipeDelimited": "%7C"}
_DEEPEST = 16


def in_path(parameter: Parameter, value: Any) -> str:
    """A value as a part of a path, escaped."""
    if parameter.as_json:
        return quote(to_json(value), safe="")
    style, name = parameter.style, quote(parameter.name, safe="")
    before, between = {"label": (".", "."), "matrix": (";", ";")}.get(style, ("", ","))
    exploded = parameter.explode
    if isinstance(value, list):
        items = [quote(text_of(one), safe="") for one in value]
        if style == "matrix":
            return (
                "".join(f";{name}={one}" for one in items)
                if exploded
                else f";{name}={','.join(items)}"
            )
        return before + (between if exploded else ",").join(items)
    if isinstance(value, dict):
        pairs = [(quote(key, safe=""), quote(text_of(one), safe="")) for key, one in value.items()]
        if exploded:
            return before + between.join(f"{key}={one}" for key, one in pairs)
        flat = ",".join(f"{key},{one}" for key, one in pairs)
        return f";{name}={flat}" if style == "matrix" else before + flat
    text = quote(text_of(value), safe="")
    return f";{name}={text}" if style == "matrix" else before + text


def in_header(parameter: Parameter, value: Any) -> str:
    """A value as a header's, not escaped."""
    if parameter.as_json:
        return to_json(value)
    if isinstance(value, list):
        return ",".join(text_of(one) for one in value)
    if isinstance(value, dict):
        mark = "=" if parameter.explode else ","
        return ",".join(f"{key}{mark}{text_of(one)}" for key, one in value.items())
    return text_of(value)


def in_query(parameter: Parameter, value: Any) -> Pairs:
    """A value as pairs of a query, both escaped."""
    safe = RESERVED if parameter.reserved else ""
    if parameter.as_json:
        return [(quote(parameter.name, safe=""), quote(to_json(value), safe=safe))]
    pairs = spread(parameter.name, value, parameter.style, explode=parameter.explode, safe=safe)
    return [(quote(name, safe=""), text) for name, text in pairs]


def in_cookie(parameter: Parameter, value: Any) -> Pairs:
    """A value as cookies, escaped."""
    if parameter.as_json:
        return [(parameter.name, quote(to_json(value), safe=""))]
    return spread(parameter.name, value, "form", explode=parameter.explode)


def spread(name: str, value: Any, style: str, *, explode: bool, safe: str = "") -> Pairs:
    """A value as pairs: names as they are, texts escaped. Null is left out."""
    if style == "deepObject" and isinstance(value, dict | list):
        return [(at, quote(text_of(one), safe=safe)) for at, one in _deep(name, value, 0)]
    between = _BETWEEN.get(style, ",")
    if isinstance(value, list):
        texts = [quote(text_of(one), safe=safe) for one in value if one is not None]
        if explode:
            return [(name, one) for one in texts]
        return [(name, between.join(texts))] if texts else []
    if isinstance(value, dict):
        pairs = [
            (key, quote(text_of(one), safe=safe)) for key, one in value.items() if one is not None
        ]
        if explode:
            return pairs
        flat = between.join(f"{quote(key, safe='')}{between}{one}" for key, one in pairs)
        return [(name, flat)] if pairs else []
    return [] if value is None else [(name, quote(text_of(value), safe=safe))]


def _deep(name: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    """`a[b][0]=…`: objects by their keys, lists by their places."""
    if value is None:
        return
    if not isinstance(value, dict | list) or depth >= _DEEPEST:
        yield name, value
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield from _deep(f"{name}[{key}]", inner, depth + 1)

"""Addresses of files, as Coze's workflows take them: a name that rides along is taken off."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from runfold.contracts.json_reader import read_json
from runfold.errors import Undecodable
from runfold.values.json_text import to_json

NAME = "x-wf-file_name"
"""The parameter of an address in which Coze's editor keeps the name that a file had."""


def file_address(value: Any) -> str:
    """`file|file_address`: an address, or a list of them as JSON; nothing for null."""
    listed = _listed(value)
    if listed is None:
        return "" if value is None else _bare(value if isinstance(value, str) else to_json(value))
    return to_json([_bare(one) if isinstance(one, str) else one for one in listed])


def _listed(value: Any) -> list[Any] | None:
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = read_json(value.encode())
        except (Undecodable, UnicodeEncodeError):
            return None
    return list(value) if isinstance(value, list | tuple) else None


def _bare(address: str) -> str:
    """The address without the file's name; the rest of its query is then in the order of names."""
    if f"{NAME}=" not in address:
        return address
    try:
        parts = urlsplit(address)
        given = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return address
    kept = sorted(pair for pair in given if pair[0] != NAME)
    return parts._replace(query=urlencode(kept)).geturl()

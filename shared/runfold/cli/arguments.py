"""Values as they are typed at the command line: whole text, and JSON read strictly.

What an argument means to a command is the command's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from runfold.contracts.json_reader import read_json, without_halves
from runfold.errors import InvalidInputs, Undecodable

_SHOWN = 80
_NUMBER = re.compile(r"-?(?:NaN|Infinity|\d[\d.]*(?:[eE][-+]?\d+)?)")


def check_arguments(arguments: Sequence[str]) -> None:
    """Refuse arguments that are not UTF-8, whichever command's and option's they are.

    Raises:
        InvalidInputs: Names the option, or the input, that has one.
    """
    option = ""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            what = _named(option, argument)
            message = f"{what} is not UTF-8: byte {_byte(argument, error)} has no meaning in it"
            raise InvalidInputs(message, code="arguments.not_utf8") from error
        option = argument if argument.startswith("-") else ""


def json_of(what: str, text: str) -> Any:
    """The JSON value that an argument is.

    Args:
        what: The argument, for messages.
        text: What it was given.

    Raises:
        InvalidInputs: It is not JSON.
    """
    try:
        value = read_json(text)
    except Undecodable as error:
        raise InvalidInputs(f"{what}: {error.message}") from error
    body = text.encode()
    if without_halves(body) != body:
        raise InvalidInputs(f"{what} has half a character: an escape \\ud800 to \\udfff alone")
    return value


def json_object(what: str, text: str) -> dict[str, Any]:
    """The JSON object that an argument is. Raises `InvalidInputs` when it is not one."""
    value = json_of(what, text)
    if not isinstance(value, dict):
        raise InvalidInputs(f"{what} is not a JSON object")
    return value


def json_or_text(what: str, text: str) -> Any:
    """The JSON value that an argument is, else its text.

    A number that JSON has not, and an object or list with something in it that is refused, were
    not meant as text.

    Raises:
        InvalidInputs: Likewise.
    """
    try:
        return json_of(what, text)
    except InvalidInputs as error:
        cause = error.__cause__
        if isinstance(cause, Undecodable):
            bare = text.strip()
            meant = bare[:1] in {"{", "["} or _NUMBER.fullmatch(bare)
            if cause.code == "json.invalid" or not meant:
                return text
        raise


def parse_labels(given: Iterable[str]) -> dict[str, str]:
    """Labels out of `name=value`.

    Raises:
        InvalidInputs: One is not written so, or a name is given twice.
    """
    labels: dict[str, str] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise InvalidInputs(f"label {one[:_SHOWN]!r}: write name=value")
        if name in labels:
            raise InvalidInputs(f"label {name[:_SHOWN]!r} is given twice")
        labels[name] = value
    return labels


def _named(option: str, argument: str) -> str:
    """What an argument is of, without what could be wrong in it."""
    if argument.startswith("-"):
        option, argument = argument.partition("=")[0], argument.partition("=")[2]
    name = argument.partition("=")[0]
    if option in {"-i", "--input"} and "=" in argument and name.isprintable():
        return f"input {name[:_SHOWN]}"
    return option if option.isprintable() and option else "an argument"


def _byte(argument: str, error: UnicodeEncodeError) -> int:
    return len(argument[: error.start].encode()) + 1

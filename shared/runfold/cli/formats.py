"""How a command prints its result: as a table to be read, or as JSON. One option for all of them.

A command that can do both takes `as_json`; its group gives it `--output json|table`, of which
`--json` is the short name. With JSON, an error is one line of JSON as well, on standard error.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import typer

F = TypeVar("F", bound=Callable[..., Any])


class Format(StrEnum):
    """What a result is printed as."""

    JSON = "json"
    TABLE = "table"


Output = Annotated[
    Format | None,
    typer.Option("--output", help="How the result is printed: a table is the default"),
]


class Commands(typer.Typer):
    """A group of commands, each of which takes `--output` if it takes `as_json`."""

    def command(self, *args: Any, **settings: Any) -> Callable[[F], F]:
        """Register a command; the function itself stays as it is."""
        return _registering(super().command(*args, **settings))

    def callback(self, *args: Any, **settings: Any) -> Callable[[F], F]:
        """Register what a group does without a command."""
        return _registering(super().callback(*args, **settings))


def _registering(register: Callable[[Any], Any]) -> Callable[[F], F]:
    def decorated(function: F) -> F:
        register(_with_output(function))
        return function

    return decorated


def _with_output(function: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(function, eval_str=True)
    if "as_json" not in signature.parameters:
        return function

    @functools.wraps(function)
    def command(*args: Any, output: Format | None, as_json: bool, **values: Any) -> Any:
        from runfold.cli.outcome import print_errors_as

        if as_json and output is Format.TABLE:
            raise typer.BadParameter("--json is --output json: give one of them")
        wants_json = as_json or output is Format.JSON
        print_errors_as(json=wants_json)
        return function(*args, as_json=wants_json, **values)

    option = inspect.Parameter(
        "output", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Output
    )
    parameters = [*signature.parameters.values()]
    place = next(at for at, one in enumerate(parameters) if one.name == "as_json")
    parameters.insert(place, option)
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command

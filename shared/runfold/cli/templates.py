"""`runfold templates`: the library of ready workflows, listed and printed."""

from __future__ import annotations

import json
from typing import Annotated

import msgspec
import typer

from runfold.cli.control_options import AsJson
from runfold.cli.formats import Commands

templates = Commands(
    name="templates",
    help="Ready workflows: list them, print one, run one with `runfold run template:ID`.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@templates.callback()
def listed(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the ready workflows."""
    from runfold.cli.outcome import finish_sync

    if context.invoked_subcommand is None:
        finish_sync(lambda: _list(as_json=as_json))


@templates.command()
def show(template_id: Annotated[str, typer.Argument(metavar="ID", help="The template")]) -> None:
    """Print a template's YAML, to be kept and changed."""
    from runfold.cli.outcome import finish_sync

    finish_sync(lambda: _show(template_id))


def _list(*, as_json: bool) -> int:
    from runfold.templates import list_templates, summary_of

    found = list_templates()
    if as_json:
        print(json.dumps([msgspec.to_builtins(summary_of(one)) for one in found], indent=2))
        return 0
    width = max(len(one.id) for one in found)
    for one in found:
        print(f"{one.id:{width}}  {one.description}")
        if one.inputs:
            print(f"{'':{width}}  inputs: {', '.join(one.inputs)}")
    return 0


def _show(template_id: str) -> int:
    from runfold.templates import get_template

    print(get_template(template_id).source, end="")
    return 0

"""Options of `runfold plugins …`, and nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

plugins = Commands(
    name="plugins",
    help="OpenAPI documents whose operations nodes call: add one, list, show, delete.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="PLUGIN", help="The plugin's name")]


@plugins.command()
def add(
    name: Name,
    document: Annotated[
        str, typer.Argument(help="An OpenAPI document, JSON or YAML: a file, a URL, or -")
    ],
    *,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Store a document as a plugin's newest version. A URL is read once, now."""
    from runfold.cli import plugins as command
    from runfold.cli.outcome import finish

    finish(command.add(name, document, server, data_dir, as_json=as_json))


@plugins.command("list")
def list_(*, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None) -> None:
    """List plugins with their newest versions."""
    from runfold.cli import plugins as command
    from runfold.cli.outcome import finish

    finish(command.listed(server, data_dir, as_json=as_json))


@plugins.command()
def show(
    name: Name,
    *,
    version: Annotated[str, typer.Option(help="The beginning of a version's sha256")] = "",
    document: Annotated[bool, typer.Option("--document", help="Print the document itself")] = False,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Show a plugin's versions and the operations of one."""
    from runfold.cli import plugins as command
    from runfold.cli.outcome import finish

    finish(command.shown(name, version, server, data_dir, document=document, as_json=as_json))


@plugins.command()
def delete(
    name: Name,
    *,
    version: Annotated[str, typer.Option(help="Only the version whose sha256 begins so")] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Delete a plugin; a run that pinned it fails at its next call."""
    from runfold.cli import plugins as command
    from runfold.cli.outcome import finish

    finish(command.deleted(name, version, server, data_dir, as_json=as_json))

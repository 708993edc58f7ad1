"""Options of `runfold files …`, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

files = Commands(
    name="files",
    help="Bytes that runs are given and leave: store them, get them back.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@files.command()
def put(
    path: Annotated[Path, typer.Argument(help="The file")],
    *,
    name: Annotated[str, typer.Option(help="Its name; the path's own unless given")] = "",
    media_type: Annotated[
        str, typer.Option(help="Such as application/pdf; by its bytes and name unless given")
    ] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Store a file; with --json, the value that stands for it in inputs is printed."""
    from runfold.cli import files as command
    from runfold.cli.outcome import finish

    finish(command.put(path, name, media_type, server, data_dir, as_json=as_json))


@files.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many")] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before this one ended")] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """List the files, the one that was stored or touched last first."""
    from runfold.cli import files as command
    from runfold.cli.outcome import finish

    finish(command.listed(limit, cursor, server, data_dir, as_json=as_json))


@files.command()
def get(
    file_id: Annotated[str, typer.Argument(metavar="ID", help="The sha256 of its bytes")],
    *,
    to: Annotated[
        Path | None, typer.Option("--to", help="Where to write it; standard output unless given")
    ] = None,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Write a file's bytes."""
    from runfold.cli import files as command
    from runfold.cli.outcome import finish

    finish(command.get(file_id, to, server, data_dir))

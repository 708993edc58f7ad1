"""Options of `runfold dead …`, and nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

dead = Commands(
    name="dead",
    help="Messages that could not be handled: look at them, queue them again, drop them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Seq = Annotated[int, typer.Argument(help="The letter's sequence")]


@dead.command("list")
def list_(
    *,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest")] = 100,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Print the newest letters, newest last."""
    from runfold.cli import dead as command
    from runfold.cli.outcome import finish

    finish(command.listed(limit, server, data_dir, as_json=as_json))


@dead.command()
def show(
    seq: Seq, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Print one letter with its body."""
    from runfold.cli import dead as command
    from runfold.cli.outcome import finish

    finish(command.shown(seq, server, data_dir, as_json=as_json))


@dead.command()
def requeue(
    seq: Seq, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Put a task or a request back in its queue, and remove the letter."""
    from runfold.cli import dead as command
    from runfold.cli.outcome import finish

    finish(command.requeued(seq, server, data_dir, as_json=as_json))


@dead.command()
def drop(
    seq: Seq, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Remove a letter."""
    from runfold.cli import dead as command
    from runfold.cli.outcome import finish

    finish(command.dropped(seq, server, data_dir, as_json=as_json))

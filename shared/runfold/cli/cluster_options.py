"""Options of `runfold cluster …`, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

cluster = Commands(
    name="cluster",
    help="The streams, buckets, object stores and consumers on NATS: look at them, change them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Replicas = Annotated[
    int, typer.Option(min=0, max=5, help="Copies of everything; 0: RUNFOLD_REPLICAS, if it is set")
]
GroupLimits = Annotated[
    list[str] | None,
    typer.Option(
        "--group-limit",
        help="Tasks of an executor group in hand at a time, GROUP=N; 0: no limit",
    ),
]


@cluster.command()
def status(*, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None) -> None:
    """Print where each stream's copies are and whether they are up to date; 1 when one is not."""
    from runfold.cli import cluster as command
    from runfold.cli.outcome import finish

    finish(command.status(server, data_dir, as_json=as_json))


@cluster.command()
def plan(
    *,
    replicas: Replicas = 0,
    group_limit: GroupLimits = None,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Print what differs from what it should be, and change nothing; 1 when something differs."""
    from runfold.cli import cluster as command
    from runfold.cli.outcome import finish

    wanted = command.Wanted(replicas, tuple(group_limit or ()), server, data_dir)
    finish(command.plan(wanted, as_json=as_json))


@cluster.command()
def apply(
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask")] = False,
    replicas: Replicas = 0,
    group_limit: GroupLimits = None,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Show what differs, ask, and change it: the only command that changes what exists."""
    from runfold.cli import cluster as command
    from runfold.cli.outcome import finish

    wanted = command.Wanted(replicas, tuple(group_limit or ()), server, data_dir)
    finish(command.apply(wanted, yes=yes))


@cluster.command()
def backup(
    directory: Annotated[Path, typer.Argument(help="A directory that is not there yet")],
    *,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Copy all streams, buckets and object stores into a directory, while services work on."""
    from runfold.cli import cluster as command
    from runfold.cli.outcome import finish

    finish(command.backup(directory, server, data_dir))


@cluster.command()
def restore(
    directory: Annotated[Path, typer.Argument(help="A directory that `backup` has made")],
    *,
    replicas: Replicas = 0,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Make all of them anew from a backup, on a NATS that has none of them; no service may run."""
    from runfold.cli import cluster as command
    from runfold.cli.outcome import finish

    finish(command.restored(directory, command.Wanted(replicas, (), server, data_dir)))

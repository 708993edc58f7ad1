"""Options of `runfold schedules …`, and nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

schedules = Commands(
    name="schedules",
    help="Workflows that run by the clock: list them, pause, resume, run one now.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Workflow = Annotated[str, typer.Argument(metavar="WORKFLOW", help="The workflow's id")]


@schedules.command("list")
def list_(*, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None) -> None:
    """List all schedules with their next time and newest run."""
    from runfold.cli import schedules as command
    from runfold.cli.outcome import finish

    finish(command.listed(server, data_dir, as_json=as_json))


@schedules.command()
def show(
    workflow: Workflow, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Show the schedules of a workflow with their next times and their inputs."""
    from runfold.cli import schedules as command
    from runfold.cli.outcome import finish

    finish(command.shown(workflow, server, data_dir, as_json=as_json))


@schedules.command("next")
def next_(
    workflow: Workflow,
    *,
    count: Annotated[int, typer.Option(min=1, max=100, help="Times of each schedule")] = 5,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Print the next times of a workflow's schedules."""
    from runfold.cli import schedules as command
    from runfold.cli.outcome import finish

    finish(command.times(workflow, count, server, data_dir, as_json=as_json))


@schedules.command()
def pause(
    workflow: Workflow,
    *,
    reason: Annotated[str, typer.Option(help="Why; shown beside the schedules")] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Let a workflow run by the clock no more until it is resumed."""
    from runfold.cli import schedules as command
    from runfold.cli.outcome import finish

    finish(command.paused(workflow, reason, server, data_dir, as_json=as_json))


@schedules.command()
def resume(
    workflow: Workflow, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Let a workflow run by the clock again; what came meanwhile is not made up for."""
    from runfold.cli import schedules as command
    from runfold.cli.outcome import finish

    finish(command.resumed(workflow, server, data_dir, as_json=as_json))


@schedules.command("run-now")
def run_now(
    workflow: Workflow,
    schedule: Annotated[
        str, typer.Argument(metavar="[SCHEDULE]", help="The schedule's id; default: the only one")
    ] = "",
    *,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Begin a run as a schedule would, and print its id."""
    from runfold.cli import schedules as command
    from runfold.cli.outcome import finish

    finish(command.run_now(workflow, schedule, server, data_dir, as_json=as_json))

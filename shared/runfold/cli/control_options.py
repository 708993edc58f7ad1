"""Options of the commands that ask something of a run, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from runfold.cli.control import Asking
    from runfold.client.runs import RunClient

RunId = Annotated[str, typer.Argument(help="The run")]
Server = Annotated[
    str, typer.Option("--server", envvar="RUNFOLD_NATS_URL", help="NATS to use, e.g. nats://h:4222")
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Where an embedded NATS keeps its data")
]
AsJson = Annotated[bool, typer.Option("--json", help="Short for --output json")]
Version = Annotated[
    str, typer.Option(help="Definition: the run's own, or newest, a number, or draft")
]


def _ask(
    what: str, run_id: str, asking: Asking, server: str, data_dir: Path | None, *, as_json: bool
) -> None:
    from runfold.cli import control
    from runfold.cli.outcome import finish

    finish(control.ask(what, run_id, asking, server, data_dir, as_json=as_json))


def cancel(
    run_id: RunId,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept in the log")] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """End a run."""
    from runfold.cli.control import cancelling

    _ask("cancel", run_id, cancelling(run_id, reason), server, data_dir, as_json=as_json)


def pause(
    run_id: RunId,
    *,
    reason: Annotated[str, typer.Option(help="Why; kept in the log")] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Let a run begin nothing new; what has begun may finish."""
    from runfold.cli.control import pausing

    _ask("pause", run_id, pausing(run_id, reason), server, data_dir, as_json=as_json)


def resume(
    run_id: RunId, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Let a paused run go on."""
    from runfold.cli.control import resuming

    _ask("resume", run_id, resuming(run_id), server, data_dir, as_json=as_json)


def retry(
    run_id: RunId,
    *,
    node: Annotated[str, typer.Option("--from", help="Node; default: what failed the run")] = "",
    version: Version = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Run an ended run again from a node on, as a new run that keeps what came before."""

    def asking(runs: RunClient) -> Awaitable[str]:
        return runs.retry(run_id, from_node=node, version=version)

    _ask("retry", run_id, asking, server, data_dir, as_json=as_json)


def fork(
    run_id: RunId,
    *,
    at: Annotated[int, typer.Option(help="Sequence of one of the run's events")],
    input: Annotated[  # noqa: A002 -- the option's name
        list[str] | None, typer.Option("--input", "-i", help="A changed input, name=value")
    ] = None,
    version: Version = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Begin a new run from what a run was at one of its events."""

    def asking(runs: RunClient) -> Awaitable[str]:
        from runfold.cli.source import parse_inputs

        changed = (lambda workflow: parse_inputs(workflow, input, "")) if input else None
        return runs.fork(run_id, at, inputs=changed, version=version)

    _ask("fork", run_id, asking, server, data_dir, as_json=as_json)


def signal(
    subject: Annotated[str, typer.Argument(help="Subject of the event, e.g. orders.paid")],
    payload: Annotated[str, typer.Argument(help="Its payload as JSON; other text is text")] = "",
    *,
    id: Annotated[  # noqa: A002 -- the option's name
        str, typer.Option(help="The same id again is the same event")
    ] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Tell of an event: every node that waits for such a one goes on."""
    from runfold.cli.control import signalling
    from runfold.cli.outcome import finish

    finish(signalling(subject, payload, id, server, data_dir, as_json=as_json))


COMMANDS = (cancel, pause, resume, retry, fork, signal)

"""Options of `runfold runs …`, and nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, RunId, Server
from runfold.cli.formats import Commands

runs = Commands(
    name="runs",
    help="Runs: list them, show one, its log, and follow it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


Many = list[str] | None


@runs.command("list")
def list_(
    *,
    workflow: Annotated[str, typer.Option(help="Of this workflow")] = "",
    status: Annotated[Many, typer.Option(help="In one of these, e.g. failed,cancelled")] = None,
    started_from: Annotated[
        str, typer.Option("--from", help="Started then or later: ISO 8601 or Unix seconds")
    ] = "",
    started_to: Annotated[str, typer.Option("--to", help="Started before then")] = "",
    version: Annotated[str, typer.Option(help="Of this version: a number, or draft")] = "",
    label: Annotated[Many, typer.Option(help="With all of these, name=value")] = None,
    node: Annotated[
        str, typer.Option(help="With this node failed or under way: an address or an id")
    ] = "",
    node_status: Annotated[Many, typer.Option(help="With that node in one of these")] = None,
    error_code: Annotated[str, typer.Option(help="Ended by an error of this code")] = "",
    origin: Annotated[str, typer.Option(help="Forked from this run, or a retry of it")] = "",
    text: Annotated[str, typer.Option(help="With this in its ids, values or error")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many")] = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before this one ended")] = "",
    counts: Annotated[bool, typer.Option("--counts", help="Count them by status too")] = False,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """List runs that fit all the filters, newest first."""
    from runfold.cli import runs as command
    from runfold.cli.outcome import finish
    from runfold.client.run_filters import WrittenFilters

    written = WrittenFilters(
        workflow_id=workflow,
        status=tuple(status or ()),
        started_from=started_from,
        started_to=started_to,
        version=version,
        label=tuple(label or ()),
        node=node,
        node_status=tuple(node_status or ()),
        error_code=error_code,
        origin=origin,
        text=text,
        limit=limit,
        cursor=cursor,
        counts=counts,
    )
    finish(command.listed(written, server, data_dir, as_json=as_json))


@runs.command()
def show(
    run_id: RunId,
    *,
    node: Annotated[str, typer.Option(help="This node alone, by its address")] = "",
    attempt: Annotated[
        int, typer.Option(min=0, help="Whose inputs, with --node; 0: the newest")
    ] = 0,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Show a run with its nodes, or a node with its attempts and what one of them was given."""
    from runfold.cli import runs as command
    from runfold.cli.outcome import finish

    if attempt and not node:
        raise typer.BadParameter("an attempt is a node's: name it with --node")
    if node:
        shown = command.shown_node(run_id, node, attempt or None, server, data_dir, as_json=as_json)
        finish(shown)
    finish(command.shown(run_id, server, data_dir, as_json=as_json))


@runs.command()
def logs(
    run_id: RunId,
    *,
    types: Annotated[Many, typer.Option(help="Events of these types alone")] = None,
    node: Annotated[str, typer.Option(help="About this node: an address or an id")] = "",
    after: Annotated[int, typer.Option(min=0, help="Behind this sequence")] = 0,
    before: Annotated[int, typer.Option(min=0, help="Ahead of this sequence; 0: all")] = 0,
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="At most so many; 0: all")] = 0,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Print a run's events, a line each."""
    from runfold.cli import runs as command
    from runfold.cli.outcome import finish
    from runfold.client.run_events import EventQuery

    query = EventQuery(after, before or None, tuple(types or ()), node)
    finish(command.logged(run_id, query, limit or None, server, data_dir, as_json=as_json))


@runs.command()
def follow(
    run_id: RunId,
    *,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Watch a run until it ends; exits with 0 when it succeeded, else with 1."""
    from runfold.cli import runs as command
    from runfold.cli.outcome import finish

    finish(command.followed(run_id, server, data_dir, as_json=as_json))

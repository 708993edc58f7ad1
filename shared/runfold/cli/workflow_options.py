"""Options of `runfold workflows …`, and nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

workflows = Commands(
    name="workflows",
    help="Stored workflows: list them, show one, push files, compare, publish, archive, delete.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

WorkflowId = Annotated[str, typer.Argument(metavar="WORKFLOW", help="The workflow's id")]
IfMatch = Annotated[
    str, typer.Option(metavar="ETAG", help="Only if the draft is still the one with this etag")
]
Version = Annotated[
    str, typer.Option(help="A number, or draft; default: the newest published version")
]


@workflows.command("list")
def list_(
    *,
    label: Annotated[
        list[str] | None, typer.Option(help="Only those with this label, name=value")
    ] = None,
    archived: Annotated[
        bool, typer.Option("--archived", help="Those that are archived, and no others")
    ] = False,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """List workflows by id."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.listed(label or [], server, data_dir, archived=archived, as_json=as_json))


@workflows.command()
def show(
    workflow: WorkflowId,
    *,
    version: Version = "",
    source: Annotated[
        bool, typer.Option("--source", help="Print the text as its author wrote it")
    ] = False,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Show a workflow: its nodes, labels and draft; or its text."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    if source:
        finish(command.text(workflow, version, server, data_dir))
    finish(command.shown(workflow, version, server, data_dir, as_json=as_json))


@workflows.command()
def versions(
    workflow: WorkflowId,
    *,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """List the published versions, oldest first."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.versions(workflow, server, data_dir, as_json=as_json))


@workflows.command()
def push(
    file: Annotated[
        list[str],
        typer.Argument(help="Workflows as JSON or YAML; - reads standard input; template:ID"),
    ],
    *,
    draft: Annotated[
        bool, typer.Option("--draft", help="Only store them as drafts, mistakes and all")
    ] = False,
    if_match: IfMatch = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Store files and publish them; none is stored when one is not valid."""
    from runfold.cli import workflow_files as command
    from runfold.cli.outcome import finish

    finish(command.push(file, if_match, server, data_dir, draft=draft, as_json=as_json))


@workflows.command()
def publish(
    workflow: WorkflowId,
    *,
    note: Annotated[str, typer.Option(help="What the version is about")] = "",
    if_match: IfMatch = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Make the draft the next version."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.publish(workflow, note, if_match, server, data_dir, as_json=as_json))


@workflows.command()
def diff(
    what: Annotated[
        str, typer.Argument(metavar="FILE|WORKFLOW", help="A file, or a stored workflow's id")
    ],
    *,
    from_: Annotated[
        str, typer.Option("--from", help="Version before; default: the newest published")
    ] = "",
    to: Annotated[str, typer.Option("--to", help="Version after; of a file: the file")] = "draft",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Show what a file would change, or what differs between versions; 1 when something does."""
    from runfold.cli import workflow_files as command
    from runfold.cli.outcome import finish

    finish(command.diff(what, from_, to, server, data_dir, as_json=as_json))


@workflows.command()
def delete(
    workflow: WorkflowId,
    *,
    if_match: IfMatch = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Delete a workflow with its draft, versions and schedules; runs that have begun go on."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.delete(workflow, if_match, server, data_dir, as_json=as_json))


@workflows.command()
def rename(
    workflow: WorkflowId,
    name: Annotated[str, typer.Argument(help="Its name; empty: the document's again")],
    *,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Give a workflow another name; its id and its text stay."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(
        command.changed(lambda one: one.rename(workflow, name), server, data_dir, as_json=as_json)
    )


@workflows.command()
def label(
    workflow: WorkflowId,
    labels: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE", help="All labels to set; none: the document's alone"),
    ] = None,
    *,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Set the labels that go before those of the document."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.label(workflow, labels or [], server, data_dir, as_json=as_json))


@workflows.command()
def duplicate(
    workflow: WorkflowId,
    new_id: Annotated[str, typer.Argument(help="Of the new workflow")],
    *,
    version: Version = "",
    name: Annotated[str, typer.Option(help="Of the new workflow; default: the same")] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Make a new workflow with this one's text as its draft."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.duplicate(workflow, new_id, version, name, server, data_dir, as_json=as_json))


@workflows.command()
def restore(
    workflow: WorkflowId,
    version: Annotated[int, typer.Argument(min=1, help="The number of a published version")],
    *,
    if_match: IfMatch = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Make a version's text and layout the draft again; nothing is published."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.restore(workflow, version, if_match, server, data_dir, as_json=as_json))


@workflows.command()
def archive(
    workflow: WorkflowId,
    *,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Let no run of a workflow begin, by the clock neither."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.changed(lambda one: one.archive(workflow), server, data_dir, as_json=as_json))


@workflows.command()
def unarchive(
    workflow: WorkflowId,
    *,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Let runs of a workflow begin again."""
    from runfold.cli import workflows as command
    from runfold.cli.outcome import finish

    finish(command.changed(lambda one: one.unarchive(workflow), server, data_dir, as_json=as_json))

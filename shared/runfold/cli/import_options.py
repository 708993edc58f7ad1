"""Options of `runfold import`, `export` and `test`, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from runfold.cli.control_options import AsJson, DataDir, Server


def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Exports of Dify, Coze or n8n, or folders of them; files after the first may be "
            "workflows it calls, named by the ids that it calls them by; - reads standard input",
        ),
    ],
    *,
    folder: Annotated[
        Path | None, typer.Option("--output-dir", "-o", help="Write native documents here")
    ] = None,
    publish: Annotated[bool, typer.Option("--publish", help="Store and publish them")] = False,
    models: Annotated[
        str, typer.Option(metavar="FILE", help="YAML: model of the source: model here")
    ] = "",
    bind: Annotated[
        str, typer.Option(metavar="FILE", help="YAML: name of a need: node that stands for it")
    ] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Make native workflows of documents of other systems, and say what became of each node.

    runfold import assistant.yml flow.json -o workflows
    """
    from runfold.cli import importing
    from runfold.cli.outcome import finish_sync

    options = importing.ImportOptions(
        files=tuple(files),
        folder=folder,
        models=models,
        bind=bind,
        as_json=as_json,
        publish=publish,
        server=server,
        data_dir=data_dir,
    )
    finish_sync(lambda: importing.import_(options))


def run_cases(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Workflows with cases under `tests`")
    ],
    *,
    record: Annotated[
        bool,
        typer.Option("--record", help="Run them for real, and write what came out as their cases"),
    ] = False,
    case: Annotated[str, typer.Option(help="Only the case of this name")] = "",
    input: Annotated[  # noqa: A002 -- the option's name
        list[str] | None,
        typer.Option("--input", "-i", help="With --record: an input of a new case, name=value"),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(help="With --record: an answer of a new case, node=answer"),
    ] = None,
    demo_model: Annotated[
        bool, typer.Option("--demo-model", help="Ask the bundled demo server what is not scripted")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the cases that workflow files carry, and say which hold.

    runfold test flow.yaml
    """
    from runfold.cli.cases import command
    from runfold.cli.outcome import finish

    options = command.CaseOptions(
        files=tuple(files),
        record=record,
        case=case,
        inputs=tuple(input or ()),
        answers=tuple(answer or ()),
        as_json=as_json,
        model="demo" if demo_model else "",
    )
    finish(command.run_cases(options))


def export(
    workflow: Annotated[str, typer.Argument(help="A file, or a stored workflow's id")],
    *,
    form: Annotated[
        Literal["dify", "coze", "n8n"], typer.Option("--format", help="What it is written as")
    ],
    to: Annotated[Path | None, typer.Option("-o", "--to", help="Write it to this file")] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Leave out what cannot be written, and say so")
    ] = False,
    version: Annotated[str, typer.Option(help="Of a stored workflow; default: the newest")] = "",
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Write a workflow for another system: an unchanged import byte for byte, else node by node.

    runfold export assistant.yaml --format dify
    """
    from runfold.cli import exporting
    from runfold.cli.outcome import finish

    options = exporting.ExportOptions(workflow, form, to, partial, version, server, data_dir)
    finish(exporting.export(options))

"""Options of `runfold import`, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, Server


def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Exports of Dify, Coze or n8n; files after the first may be workflows it calls, "
            "named by the ids that it calls them by; - reads standard input",
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
    from runfold.cli.outcome import finish

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
    finish(importing.import_(options))

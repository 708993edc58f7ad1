"""The `runfold` command: its options, and nothing else.

Each command's work is in a module of its own, imported when the command runs: help is quick.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from runfold.cli.cluster_options import cluster
from runfold.cli.connection_options import connections
from runfold.cli.control_options import COMMANDS as CONTROL
from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.conversation_options import conversations
from runfold.cli.dead_options import dead
from runfold.cli.files_options import files
from runfold.cli.formats import Commands
from runfold.cli.import_options import export, import_, run_cases
from runfold.cli.kinds import kinds
from runfold.cli.knowledge_options import knowledge
from runfold.cli.plugin_options import plugins
from runfold.cli.runs_options import runs
from runfold.cli.schedule_options import schedules
from runfold.cli.templates import templates
from runfold.cli.trigger_options import triggers
from runfold.cli.workflow_options import workflows

app = Commands(
    name="runfold",
    help="Durable AI workflows over NATS JetStream.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

WorkflowFile = Annotated[
    str,
    typer.Argument(help="Workflow as JSON or YAML; - reads standard input; template:ID a template"),
]
DemoModel = Annotated[
    bool, typer.Option("--demo-model", help="Use the bundled demo server: canned text, no key")
]
LocalModel = Annotated[
    bool, typer.Option("--local-model", help="Use a small real model on this CPU, offline")
]


def _print_version(wanted: bool) -> None:  # noqa: FBT001 -- typer calls it so
    if wanted:
        from runfold import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def options(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and logs")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Durable AI workflows over NATS JetStream."""
    from runfold.cli.outcome import configure

    del version
    configure(debug=debug)


@app.command()
def run(
    file: WorkflowFile,
    *,
    input: Annotated[  # noqa: A002 -- the option's name
        list[str] | None,
        typer.Option("--input", "-i", help="An input: name=value, or name=@file"),
    ] = None,
    inputs_json: Annotated[str, typer.Option(help="All inputs as one JSON object")] = "",
    answer: Annotated[
        list[str] | None,
        typer.Option(
            help="Answer a node: review=approved, review=rejected:too long, drink=tea, "
            """order='{"size": 3}'"""
        ),
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option(help='Send a state machine an event: order=ship, order=pay:{"amount": 20}'),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="Name to find the run by, name=value")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show progress (the default)")] = False,
    as_json: AsJson = False,
    demo_model: DemoModel = False,
    local_model: LocalModel = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Run a workflow and show it happen.

    runfold run examples/content_pipeline.yaml --input topic=tea --demo-model
    """
    from runfold.cli import run as command
    from runfold.cli.outcome import finish

    del watch
    wanted = command.RunOptions(
        file=file,
        inputs=tuple(input or ()),
        inputs_json=inputs_json,
        answers=tuple(answer or ()),
        events=tuple(event or ()),
        labels=tuple(label or ()),
        as_json=as_json,
        model="demo" if demo_model else "local" if local_model else "",
        server=server,
        data_dir=data_dir,
    )
    finish(command.run(wanted))


@app.command()
def dev(
    *,
    data_dir: DataDir = None,
    port: Annotated[int, typer.Option(help="NATS port; 0: any free one")] = 4222,
    gateway_port: Annotated[
        int | None,
        typer.Option(help="Gateway port; 0: any free one; default: RUNFOLD_GATEWAY_PORT, or 8321"),
    ] = None,
    demo_model: DemoModel = False,
    local_model: LocalModel = False,
) -> None:
    """Run NATS and every service in this terminal."""
    from runfold.cli import dev as command
    from runfold.cli.outcome import finish

    model = "demo" if demo_model else "local" if local_model else ""
    finish(command.dev(data_dir, port, gateway_port, model))


@app.command()
def serve(
    name: Annotated[
        str,
        typer.Argument(
            help="scheduler, projection, gateway, archiver, executor-llm, -http, -code, -text, "
            "-data, or executor"
        ),
    ],
    *,
    nats_url: Annotated[str, typer.Option(envvar="RUNFOLD_NATS_URL", help="NATS to use")] = "",
    group: Annotated[str, typer.Option(help="Group of a plain `executor`")] = "",
    concurrency: Annotated[int, typer.Option(help="Tasks at a time; 0: the setting's")] = 0,
    partitions: Annotated[str, typer.Option(help="A scheduler's partitions, e.g. 0-31")] = "",
    health_port: Annotated[int, typer.Option(help="Port of the probes; 0: any free one")] = 0,
) -> None:
    """Run one service as this process; start it again to scale it."""
    from runfold.cli import serve as command

    command.serve(
        name,
        {
            "nats_url": nats_url,
            "concurrency": concurrency,
            "partitions": partitions,
            "health_port": health_port,
        },
        group,
    )


@app.command()
def check(
    file: WorkflowFile,
    *,
    as_json: AsJson = False,
) -> None:
    """Check a workflow and print every finding."""
    from runfold.cli import check as command
    from runfold.cli.outcome import finish_sync

    finish_sync(lambda: command.check(file, as_json=as_json))


@app.command()
def replay(
    run_id: Annotated[str, typer.Argument(help="The run")],
    *,
    at: Annotated[int, typer.Option(help="Fold only up to this sequence")] = 0,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Fold a run's log and print its state and timeline."""
    from runfold.cli import replay as command
    from runfold.cli.outcome import finish

    finish(command.replay(run_id, at, server, data_dir, as_json=as_json))


@app.command()
def events(
    run_id: Annotated[str, typer.Argument(help="The run")],
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Go on until the run ends")] = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Print a run's events as JSON lines."""
    from runfold.cli import events as command
    from runfold.cli.outcome import finish

    finish(command.events(run_id, server, data_dir, follow=follow))


@app.command()
def verify(
    *,
    run_id: Annotated[str, typer.Option("--run", help="Look at this run's record alone")] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Check that archived runs are as they were stored, and that none is missing."""
    from runfold.cli import verify as command
    from runfold.cli.outcome import finish

    finish(command.verify(run_id, server, data_dir, as_json=as_json))


@app.command()
def mcp(
    *,
    demo_model: DemoModel = False,
    local_model: LocalModel = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Serve published workflows as tools of an MCP server, on standard input and output."""
    from runfold.cli import mcp as command
    from runfold.cli.outcome import finish

    model = "demo" if demo_model else "local" if local_model else ""
    finish(command.serve(server, data_dir, model))


@app.command()
def doctor(*, server: Server = "", data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Check this machine and its settings, and say what to mend."""
    from runfold.cli import doctor as command
    from runfold.cli.outcome import finish

    finish(command.doctor(server, data_dir, as_json=as_json))


@app.command()
def bench(
    *,
    as_json: AsJson = False,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer rounds")] = False,
    data: Annotated[
        bool, typer.Option("--data", help="Indexing and search of knowledge, and nothing else")
    ] = False,
) -> None:
    """Measure this machine: separate processes, real JetStream, file storage."""
    from runfold.cli.outcome import finish

    if data:
        from runfold.cli.bench.data import bench_data

        finish(bench_data(as_json=as_json, quick=quick))
    from runfold.cli.bench import command

    finish(command.bench(as_json=as_json, quick=quick))


@app.command()
def torture(
    *,
    minutes: Annotated[float, typer.Option(help="How long things are killed")] = 1.0,
    seed: Annotated[
        int, typer.Option(help="The same seed, the same victims in the same order")
    ] = 1,
    at_once: Annotated[int, typer.Option(help="Runs under way at a time")] = 20,
    keep: Annotated[
        Path | None, typer.Option(help="Where streams, databases and logs are to stay")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Kill, freeze and restart every service and NATS under load, then check every run."""
    from runfold.cli.outcome import finish
    from runfold.cli.torture import command

    finish(command.torture(minutes=minutes, seed=seed, at_once=at_once, keep=keep, as_json=as_json))


@app.command()
def asyncapi() -> None:
    """Print the AsyncAPI document of all services."""
    from runfold.cli.outcome import finish_sync

    def work() -> int:
        import json

        from runfold.service.apps import document

        typer.echo(json.dumps(document(), indent=2))
        return 0

    finish_sync(work)


@app.command()
def openapi(
    *,
    output: Annotated[Literal["json", "yaml"], typer.Option(help="The form of it")] = "json",
) -> None:
    """Print the OpenAPI document of the gateway, to generate clients from; no server is asked."""
    from runfold.cli import openapi as command
    from runfold.cli.outcome import finish_sync

    finish_sync(lambda: command.print_document(output))


app.add_typer(cluster)
app.add_typer(connections)
app.add_typer(conversations)
app.add_typer(dead)
app.add_typer(plugins)
app.add_typer(files)
app.add_typer(runs)
app.add_typer(kinds)
app.add_typer(knowledge)
app.add_typer(schedules)
app.add_typer(templates)
app.add_typer(triggers)
app.add_typer(workflows)
app.command("import")(import_)
app.command("test")(run_cases)
app.command()(export)
for _command in CONTROL:
    app.command()(_command)


def main() -> None:
    """Entry point of the `runfold` command."""
    from runfold.cli.arguments import check_arguments
    from runfold.cli.outcome import USAGE, say
    from runfold.errors import InvalidInputs

    try:
        check_arguments(sys.argv[1:])
        app()
    except InvalidInputs as error:
        say(f"error: {error}")
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(130)

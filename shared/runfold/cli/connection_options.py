"""Options of `runfold connections …`, and nothing else."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

connections = Commands(
    name="connections",
    help="Named credentials that nodes use: set one, list, authorize, delete. Encrypted at rest.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection's name")]
Type = Literal[
    "api_key", "basic", "bearer", "oauth2_client_credentials", "oauth2_authorization_code"
]


@connections.command("set")
def set_(
    name: Name,
    *,
    type_: Annotated[Type, typer.Option("--type", help="The sort of credentials")],
    host: Annotated[
        list[str], typer.Option(help="Where they may be sent: api.example.com, *.example.com")
    ],
    field: Annotated[
        list[str] | None,
        typer.Option(
            help="A field: name=value; secrets better as name=@FILE, name=- for standard input"
        ),
    ] = None,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Store a connection, over what was there.

    runfold connections set search --type bearer --host api.example.com --field token=@token.txt
    """
    from runfold.cli import connections as command
    from runfold.cli.outcome import finish

    finish(command.put(name, type_, host, field or [], server, data_dir, as_json=as_json))


@connections.command("list")
def list_(*, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None) -> None:
    """List connections, without their secrets."""
    from runfold.cli import connections as command
    from runfold.cli.outcome import finish

    finish(command.listed(server, data_dir, as_json=as_json))


@connections.command()
def show(
    name: Name, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Show a connection, without its secrets."""
    from runfold.cli import connections as command
    from runfold.cli.outcome import finish

    finish(command.shown(name, server, data_dir, as_json=as_json))


@connections.command()
def authorize(
    name: Name,
    *,
    gateway: Annotated[
        str, typer.Option(envvar="RUNFOLD_PUBLIC_URL", help="What browsers reach the gateway by")
    ] = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Print the address where a person allows a connection, within ten minutes."""
    from runfold.cli import connections as command
    from runfold.cli.outcome import finish

    finish(command.authorize(name, gateway, server, data_dir, as_json=as_json))


@connections.command()
def delete(
    name: Name, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Delete a connection, and the tokens that were given for it."""
    from runfold.cli import connections as command
    from runfold.cli.outcome import finish

    finish(command.deleted(name, server, data_dir, as_json=as_json))


@connections.command("new-key")
def new_key(*, as_json: AsJson = False) -> None:
    """Print a new key for RUNFOLD_CONNECTIONS_KEY."""
    from runfold.cli import connections as command
    from runfold.cli.outcome import finish_sync

    finish_sync(lambda: command.new_key(as_json=as_json))

"""Options of `runfold conversations …`, and nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

conversations = Commands(
    name="conversations",
    help="Conversations of a user: begin, list, rename, clear or delete one, and its messages.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Id = Annotated[str, typer.Argument(metavar="ID", help="The conversation's id")]
MessageId = Annotated[str, typer.Argument(metavar="MESSAGE", help="The message's id")]
User = Annotated[str, typer.Option("--user", help="Whose; none is the user with the empty id")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100, help="How many at most")]


@conversations.command()
def create(
    conversation_id: Annotated[
        str, typer.Argument(metavar="ID", help="Its id, any text; none: one is made")
    ] = "",
    *,
    name: Annotated[str, typer.Option(help="Its name")] = "",
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Begin a conversation, or show the one that is there."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.create(at, conversation_id, name))


@conversations.command("list")
def list_(
    *,
    name: Annotated[str, typer.Option(help="Only those of this name")] = "",
    limit: Limit = 50,
    cursor: Annotated[str, typer.Option(help="Where the page before ended")] = "",
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """List a user's conversations, the one that was used last first."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.listed(at, name, limit, cursor))


@conversations.command()
def show(
    conversation_id: Id,
    *,
    limit: Limit = 20,
    before: Annotated[str, typer.Option(help="A message's id: those before it")] = "",
    after: Annotated[str, typer.Option(help="A message's id: those after it")] = "",
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Show a conversation's messages, oldest first: the newest of them, or those beside one."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.shown(at, conversation_id, limit, before, after))


@conversations.command()
def rename(
    conversation_id: Id,
    name: Annotated[str, typer.Argument(help="What it is called from now on")],
    *,
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Give a conversation another name."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.renamed(at, conversation_id, name))


@conversations.command()
def clear(
    conversation_id: Id,
    *,
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Remove all that was said, for good."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.cleared(at, conversation_id))


@conversations.command()
def delete(
    conversation_id: Id,
    *,
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Delete a conversation with its messages and variables, for good."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.deleted(at, conversation_id))


@conversations.command()
def say(
    conversation_id: Id,
    text: Annotated[str, typer.Argument(help="What is said")],
    *,
    role: Annotated[str, typer.Option(help="user, assistant or system")] = "user",
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Say something in a conversation, without a run."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.said(at, conversation_id, role, text))


@conversations.command()
def edit(
    conversation_id: Id,
    message_id: MessageId,
    text: Annotated[str, typer.Argument(help="What it says from now on")],
    *,
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Let a message say something else."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.edited(at, conversation_id, message_id, text))


@conversations.command("remove")
def remove(
    conversation_id: Id,
    message_id: MessageId,
    *,
    user: User = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Remove a message for good."""
    from runfold.cli import conversations as command
    from runfold.cli.outcome import finish

    at = command.At(user, server, data_dir, as_json)
    finish(command.removed(at, conversation_id, message_id))

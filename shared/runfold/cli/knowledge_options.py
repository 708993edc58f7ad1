"""Options of `runfold knowledge …`, and nothing else."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from runfold.cli.control_options import AsJson, DataDir, Server
from runfold.cli.formats import Commands

knowledge = Commands(
    name="knowledge",
    help="Knowledge bases: make one, put documents into it, search it, empty it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Base = Annotated[str, typer.Argument(metavar="BASE", help="The base's name")]
Model = Annotated[
    str, typer.Option("--embedding-model", help="name or provider/name; default: full text alone")
]
DemoModel = Annotated[
    bool, typer.Option("--demo-model", help="Use the bundled demo server: vectors by letters")
]
Filter = Annotated[
    str, typer.Option("--filter", help='Only documents whose metadata fits: JSON, as {"field": …}')
]
Limit = Annotated[int, typer.Option(min=1, max=200, help="Entries of a page")]
Cursor = Annotated[str, typer.Option(help="Where the page before ended")]
Chunking = Annotated[str, typer.Option(help='How texts are cut: JSON, as {"size": 800}')]
Detach = Annotated[bool, typer.Option("--detach", help="Print the run's id, and do not wait")]


@knowledge.command()
def create(
    base: Base,
    *,
    description: Annotated[str, typer.Option(help="What it is about")] = "",
    embedding_model: Model = "",
    demo_model: DemoModel = False,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Make a knowledge base. It keeps its embedding model for good."""
    from runfold.cli import knowledge as command
    from runfold.cli.outcome import finish

    where = command.Where(server, data_dir, as_json, "demo" if demo_model else "")
    finish(command.create(where, base, description, embedding_model))


@knowledge.command("list")
def list_(*, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None) -> None:
    """List knowledge bases with their numbers of documents and chunks."""
    from runfold.cli import knowledge as command
    from runfold.cli.outcome import finish

    finish(command.listed(command.Where(server, data_dir, as_json)))


@knowledge.command()
def show(
    base: Base,
    document: Annotated[
        str, typer.Argument(metavar="[DOCUMENT]", help="A document's id: its chunks are shown")
    ] = "",
    *,
    limit: Limit = 50,
    cursor: Cursor = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Show a knowledge base, or a document with its chunks."""
    from runfold.cli import knowledge as command
    from runfold.cli.outcome import finish

    where = command.Where(server, data_dir, as_json)
    finish(command.shown(where, base, document, limit, cursor))


@knowledge.command()
def documents(
    base: Base,
    *,
    filter: Filter = "",  # noqa: A002 -- the option's name
    limit: Limit = 50,
    cursor: Cursor = "",
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """List a base's documents, by id."""
    from runfold.cli import knowledge as command
    from runfold.cli.outcome import finish

    where = command.Where(server, data_dir, as_json)
    finish(command.documents(where, base, limit, cursor, filter))


@knowledge.command()
def index(
    base: Base,
    given: Annotated[
        list[str],
        typer.Argument(metavar="GIVEN…", help="Files, folders and URLs", show_default=False),
    ],
    *,
    create: Annotated[
        bool, typer.Option("--create", help="Make the base if there is none")
    ] = False,
    embedding_model: Model = "",
    only: Annotated[
        list[str] | None, typer.Option(help="Of folders, only files that fit, as '*.md'")
    ] = None,
    metadata: Annotated[str, typer.Option(help='Of all documents: JSON, as {"year": 2026}')] = "",
    chunking: Chunking = "",
    detach: Detach = False,
    demo_model: DemoModel = False,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Put documents into a base: a run, which `runfold retry` goes on with after a failure."""
    from runfold.cli import knowledge_indexing as command
    from runfold.cli.knowledge import Where
    from runfold.cli.outcome import finish

    options = command.IndexOptions(
        base=base,
        given=tuple(given),
        only=tuple(only or ()),
        create=create,
        embedding_model=embedding_model,
        metadata=metadata,
        chunking=chunking,
        detach=detach,
    )
    where = Where(server, data_dir, as_json, "demo" if demo_model else "")
    finish(command.index(where, options))


@knowledge.command()
def reindex(
    base: Base,
    *,
    into: Annotated[str, typer.Option(help="Another base, made if there is none")] = "",
    embedding_model: Model = "",
    chunking: Chunking = "",
    filter: Filter = "",  # noqa: A002 -- the option's name
    detach: Detach = False,
    demo_model: DemoModel = False,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Index documents again that were files or URLs: cut otherwise, or into another base."""
    from runfold.cli import knowledge_indexing as command
    from runfold.cli.knowledge import Where
    from runfold.cli.outcome import finish

    where = Where(server, data_dir, as_json, "demo" if demo_model else "")
    work = command.reindex(
        where,
        base,
        into=into,
        embedding_model=embedding_model,
        chunking=chunking,
        conditions=filter,
        detach=detach,
    )
    finish(work)


@knowledge.command()
def search(
    base: Base,
    query: Annotated[str, typer.Argument(help="What to look for")],
    *,
    also: Annotated[list[str] | None, typer.Option(help="Another base to search")] = None,
    mode: Annotated[
        Literal["semantic", "full_text", "hybrid"] | None,
        typer.Option(help="Default: hybrid with an embedding model, else full_text"),
    ] = None,
    top_k: Annotated[int, typer.Option(min=1, max=100, help="Most passages")] = 5,
    filter: Filter = "",  # noqa: A002 -- the option's name
    rerank: Annotated[bool, typer.Option("--rerank", help="Let a rerank model order them")] = False,
    demo_model: DemoModel = False,
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Print the passages that bear on a query, best first."""
    from runfold.cli import knowledge as command
    from runfold.cli.outcome import finish

    where = command.Where(server, data_dir, as_json, "demo" if demo_model else "")
    bases = (base, *(also or ()))
    finish(command.search(where, bases, query, mode, top_k, filter, rerank=rerank))


@knowledge.command()
def remove(
    base: Base,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Ids of documents")
    ] = None,
    *,
    filter: Filter = "",  # noqa: A002 -- the option's name
    as_json: AsJson = False,
    server: Server = "",
    data_dir: DataDir = None,
) -> None:
    """Remove documents, by their ids or by a filter."""
    from runfold.cli import knowledge as command
    from runfold.cli.outcome import finish

    where = command.Where(server, data_dir, as_json)
    finish(command.removed(where, base, tuple(ids or ()), filter))


@knowledge.command()
def delete(
    base: Base, *, as_json: AsJson = False, server: Server = "", data_dir: DataDir = None
) -> None:
    """Delete a base with all that is in it."""
    from runfold.cli import knowledge as command
    from runfold.cli.outcome import finish

    finish(command.deleted(command.Where(server, data_dir, as_json), base))

"""`runfold kinds`: the node kinds there are, and what one is configured with."""

from __future__ import annotations

import textwrap
from typing import Annotated, Any

import typer

from runfold.cli.control_options import AsJson
from runfold.cli.formats import Commands

kinds = Commands(
    name="kinds",
    help="Node kinds, those of RUNFOLD_NODE_MODULES included: list them, show one.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@kinds.command("list")
def listed(*, as_json: AsJson = False) -> None:
    """List all kinds."""
    from runfold.cli.outcome import finish_sync

    finish_sync(lambda: _list(as_json=as_json))


@kinds.command()
def show(
    kind_type: Annotated[str, typer.Argument(metavar="TYPE", help="Its type or an alias")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show a kind: settings, ports, outputs, bodies."""
    from runfold.cli.outcome import finish_sync

    finish_sync(lambda: _show(kind_type, as_json=as_json))


def _list(*, as_json: bool) -> int:
    from runfold.cli.output import print_json, print_table
    from runfold.graph.catalog.documents import kind_documents

    _load_modules()
    documents = kind_documents()
    if as_json:
        print_json({"items": documents, "next_cursor": None})
        return 0
    rows = [
        (one.type, one.category, one.executor_group or one.runs_in, one.problem or one.summary)
        for one in documents
    ]
    print_table(("TYPE", "CATEGORY", "RUN BY", "SUMMARY"), rows)
    return 0


def _show(kind_type: str, *, as_json: bool) -> int:
    from runfold.cli.output import print_json
    from runfold.graph.catalog.documents import kind_document

    _load_modules()
    document = kind_document(kind_type)
    if as_json:
        print_json(document)
        return 0
    also = f" (also {', '.join(document.aliases)})" if document.aliases else ""
    print(f"{document.type}{also}: {document.summary}")
    if document.problem:
        print(f"it cannot be described: {document.problem}")
    by = f"executors of group {document.executor_group}" if document.executor_group else "scheduler"
    print(f"run by: {by}{'; streams' if document.streams else ''}")
    if document.extra:
        print(f"its executors need the extra: {document.extra}")
    if document.may_need:
        print(f"may need executors of: {', '.join(document.may_need)}")
    print(f"ports: {document.ports.rule or ', '.join(document.ports.names)}")
    outputs = ", ".join(f"{one.name} ({one.type})" for one in document.outputs.items)
    further = ", ".join(document.outputs.follow_from)
    print(f"outputs: {outputs}{f'; further ones follow from {further}' if further else ''}")
    if document.bodies:
        print(f"inside its bodies: {', '.join(document.bodies.provides) or 'nothing further'}")
    _print_settings(document.config_schema)
    return 0


def _print_settings(schema: dict[str, Any]) -> None:
    required = schema.get("required", ())
    in_order = sorted(schema.get("properties", {}).items(), key=lambda one: one[1]["x-order"])
    print("\nsettings:" if in_order else "\nsettings: none")
    for name, about in in_order:
        print(f"  {name}{' (required)' if name in required else ''}: {about['x-widget']}")
        text = about.get("description", "")
        print(textwrap.fill(text, 96, initial_indent=" " * 6, subsequent_indent=" " * 6))


def _load_modules() -> None:
    from runfold.executor.registry import load_node_modules
    from runfold.settings import read_settings

    load_node_modules(read_settings())

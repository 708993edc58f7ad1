"""A node kind as a document: what a palette, a form and a canvas need to know about it."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from runfold.errors import NotFound
from runfold.graph.catalog.schemas import config_schema
from runfold.graph.kinds import INLINE, Kind, all_kinds, kind_of
from runfold.graph.outputs import outputs_of

_ANYTHING = {"type": "object"}


class PortsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The ports at which a node may be left; with the strategy `error_branch`, also `error`."""

    names: Annotated[list[str], Meta(description="Those of a node that is not configured yet.")]
    follow_from: Annotated[
        list[str], Meta(description="Settings that decide about them; none: they are always these.")
    ]
    rule: Annotated[str, Meta(description="How they follow from those settings.")]


class OutputDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One output, read as `{{node.name}}`."""

    name: str
    type: Annotated[str, Meta(description="A type of inputs; `any` when it is not known.")]


class OutputsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `{{node.…}}` reads beside `status` and `error`."""

    items: list[OutputDocument]
    follow_from: Annotated[
        list[str], Meta(description="Settings that further outputs follow from.")
    ]
    open: Annotated[bool, Meta(description="Whether there may be others that no check knows.")]


class BodiesDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The graphs inside a composite."""

    places: Annotated[
        list[str],
        Meta(
            description="Where they stand in the configuration, `*` for any name; empty text: it "
            "is the body itself."
        ),
    ]
    provides: Annotated[list[str], Meta(description="Names that their nodes can read.")]
    provides_follow_from: Annotated[
        list[str], Meta(description="Settings that further such names follow from.")
    ]
    inner: Annotated[
        list[str], Meta(description="Settings that are read inside the bodies, with those names.")
    ]


class KindDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One node kind."""

    type: str
    aliases: list[str]
    category: Annotated[str, Meta(description="Where it stands in a palette.")]
    summary: str
    built_in: bool
    runs_in: Annotated[
        Literal["scheduler", "executor"],
        Meta(description="`scheduler`, or `executor` of its group."),
    ]
    executor_group: Annotated[
        str | None, Meta(description="Whose executors run it; null: the scheduler decides it.")
    ]
    may_need: Annotated[
        list[str], Meta(description="Executor groups that some configurations need besides.")
    ]
    extra: Annotated[
        str | None, Meta(description="The extra that its executors are installed with.")
    ]
    streams: Annotated[bool, Meta(description="Whether pieces may come before the result.")]
    takes_stream: Annotated[
        list[str], Meta(description="Settings whose text may be read while it is written.")
    ]
    raw: Annotated[
        list[str], Meta(description="Settings that are not rendered: programs and conditions.")
    ]
    fixed: Annotated[
        list[str], Meta(description="Settings that cannot be a reference or a template.")
    ]
    config_schema: Annotated[
        dict[str, Any],
        Meta(
            description="JSON Schema of the configuration once rendered; hints for forms are "
            "`x-widget`, `x-group` and `x-order` beside each setting."
        ),
    ]
    ports: PortsDocument
    outputs: OutputsDocument
    bodies: Annotated[BodiesDocument | None, Meta(description="Null: it is not a composite.")]
    problem: Annotated[
        str | None, Meta(description="Why some of this is missing: the kind's own code failed.")
    ] = None


def kind_documents() -> list[KindDocument]:
    """All kinds there are in this process, by type."""
    return [_guarded(kind) for kind in all_kinds()]


def kind_document(type_name: str) -> KindDocument:
    """The kind of a type or alias.

    Raises:
        NotFound: `kind.not_found`, naming the nearest.
    """
    kind = kind_of(type_name)
    if kind is None:
        near = difflib.get_close_matches(type_name[:80], [kind.type for kind in all_kinds()], n=1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise NotFound(f"there is no node kind {type_name[:80]!r}{hint}", code="kind.not_found")
    return _guarded(kind)


def _guarded(kind: Kind) -> KindDocument:
    try:
        return _document(kind)
    except Exception as error:  # noqa: BLE001 -- one module's kind must not hide all the others
        bare = Kind(
            type=kind.type,
            group=kind.group,
            config=msgspec.Struct,
            summary=kind.summary,
            aliases=kind.aliases,
            extra=kind.extra,
            streams=kind.streams,
        )
        problem = f"{type(error).__name__}: {error}"
        return _document(bare, module=kind.config.__module__, problem=problem)


def _document(kind: Kind, *, module: str = "", problem: str | None = None) -> KindDocument:
    hints = kind.hints
    module = module or kind.config.__module__
    is_inline = kind.group == INLINE
    return KindDocument(
        type=kind.type,
        aliases=list(kind.aliases),
        category=hints.category,
        summary=kind.summary,
        built_in=module.startswith("runfold.graph.kinds."),
        runs_in="scheduler" if is_inline else "executor",
        executor_group=None if is_inline else kind.group,
        may_need=list(hints.may_need),
        extra=kind.extra or None,
        streams=kind.streams,
        takes_stream=list(kind.takes_stream),
        raw=[str(name) for name in kind.raw],
        fixed=list(hints.fixed),
        config_schema=dict(_ANYTHING) if problem else config_schema(kind.config),
        ports=PortsDocument(
            names=list(kind.ports({})), follow_from=list(hints.ports_from), rule=hints.ports_rule
        ),
        outputs=_outputs(kind),
        bodies=_bodies(kind),
        problem=problem,
    )


def _outputs(kind: Kind) -> OutputsDocument:
    return OutputsDocument(
        items=[OutputDocument(name=name, type=of) for name, of in outputs_of(kind, {}).items()],
        follow_from=list(kind.hints.outputs_from),
        open=kind.outputs is None and not kind.declared({}),
    )


def _bodies(kind: Kind) -> BodiesDocument | None:
    hints = kind.hints
    if not hints.body_places:
        return None
    return BodiesDocument(
        places=list(hints.body_places),
        provides=sorted(kind.provides({})),
        provides_follow_from=list(hints.provides_from),
        inner=list(kind.inner),
    )

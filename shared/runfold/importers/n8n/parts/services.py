"""Services of others, and types that are not known: placeholders, which a binding can fill.

A service's node becomes three: its parameters for each item, a placeholder that is run for each,
and what it gave as items. A binding replaces the placeholder alone.
"""

from __future__ import annotations

from typing import Any

from runfold.importers.draft import placeholder
from runfold.importers.n8n.document import AI, BASE, Node
from runfold.importers.n8n.known import KNOWN, nearest
from runfold.importers.n8n.mentions import asks_model
from runfold.importers.n8n.outputs import outputs_of
from runfold.importers.n8n.parts.workflows import results_of
from runfold.importers.n8n.plain import as_text, unrendered
from runfold.importers.n8n.room import PROFILE, Part, Room

_LOCAL = frozenset(
    (
        *("readBinaryFile", "readBinaryFiles", "readWriteFile", "writeBinaryFile"),
        *("executeCommand", "localFileTrigger"),
    )
)
"""Types that reach into the machine n8n runs on."""


_OWN = {
    "dataTable": "a table that n8n keeps itself",
    "n8n": "the API of n8n itself",
    "form": "a further page of a form, which n8n serves",
    "evaluation": "a part of n8n's evaluations",
    "guardrails": "guardrails of n8n, which are not had here",
    "editImage": "changes a picture, which is not had here",
    "jwt": "signs and reads tokens by a credential of n8n",
    "totp": "makes one-time passwords by a credential of n8n",
}
"""Types that are no service of others, and what to say of them."""


def make(node: Node, room: Room) -> Part:
    """A placeholder for each item, between steps that prepare and collect."""
    nodes = bound(node, room)
    unknown = unknown_type(node)
    if unknown:
        return Part(nodes, "unsupported", unknown)
    return Part(nodes, "approximated", reason_of(node))


def bound(node: Node, room: Room) -> tuple[dict[str, Any], ...]:
    """Native nodes with a placeholder that a binding can fill."""
    need = need_of(node)
    credential = credential_of(node)
    hint = "bind it to a node that does the same"
    room.draft.need("tool", need, node.name, hint)
    if credential:
        room.draft.need("connection", credential, node.name, f"a credential of {need}")
    asked = room.items(node, "resolve", node.parameters, node_id=room.step_id(node, "asked"))
    stands = placeholder(
        room.step_id(node, "call"),
        unrendered(node.type or "a node without a type"),
        unrendered(unbound(node)),
        name=f"{node.title}: call",
        need=need,
        parameters={name: "{{item." + name + "}}" for name in node.parameters if _is_plain(name)},
    )
    each = room.each(
        node,
        "{{" + asked["id"] + ".resolved}}",
        {**stands, "profile": PROFILE},
        "{{" + stands["id"] + ".output}}",
    )
    outputs = outputs_of(node, room.document.links) - (node.on_error == "error_output")
    several = {"outputs": outputs} if outputs > 1 else {}
    return (asked, each, room.items(node, "collect", several, results=results_of(each)))


def _is_plain(name: str) -> bool:
    return name.replace("_", "").isalnum() and name.isascii() and not name[0].isdigit()


def need_of(node: Node) -> str:
    """What a file of bindings names a type by."""
    return str(unrendered(node.type or node.title))


def unbound(node: Node) -> str:
    """What the placeholder says when it is reached."""
    return f"nothing is bound to {node.type or node.title}: name a node for it with --bind"


def reason_of(node: Node) -> str:
    """What the report says of a service's node."""
    asked = "; its `$fromAI` values are empty" if asks_model(node.parameters) else ""
    if node.kind in _LOCAL:
        return f"reaches into the machine that n8n runs on: bind a node to {node.type}{asked}"
    credential = credential_of(node)
    with_it = f" (n8n used the credential {credential!r})" if credential else ""
    what = _OWN.get(node.kind.removesuffix("Tool"), "a service of others")
    return f"{what}: bind a node to {node.type}{with_it}{asked}"


def credential_of(node: Node) -> str:
    """The name of the first credential of a node; its kind where it has none."""
    for kind, value in node.credentials.items():
        name = as_text(value.get("name")) if isinstance(value, dict) else as_text(value)
        return name or kind
    return ""


def unknown_type(node: Node) -> str:
    """Why a type is none of n8n's, with the nearest that is; empty for one that is."""
    if node.package not in (BASE, AI, ""):
        return ""
    if node.package and f"{node.package}.{node.kind}" in KNOWN:
        return ""
    if node.kind.endswith("Tool") and f"{node.package}.{node.kind[:-4]}" in KNOWN:
        return ""
    near = nearest((node.type or node.title)[:100])
    said = f"; the nearest is {near}" if near else ""
    return f"n8n has no type {node.type!r}{said}" if node.type else f"has no type{said}"

"""Pages for people: where things are, and the API as its OpenAPI document describes it.

Plain HTML without scripts and without anything from elsewhere, so that it works with no network.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from litestar import MediaType, Request, Response, get

from runfold import __version__
from runfold_gateway.http.openapi import ApiDocument

CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What the pages may load: nothing but the style they bring along."""
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1b1b1b;background:#fff}h1,h2{line-height:1.2}code,pre{font:14px ui-monospace,monospace}"
    "pre{background:#f4f4f4;padding:.75rem;overflow:auto}section{border-top:1px solid #ddd;"
    "padding:.75rem 0}table{border-collapse:collapse}td,th{text-align:left;padding:.15rem .75rem "
    ".15rem 0;vertical-align:top}.method{display:inline-block;min-width:4.5rem;font-weight:600}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}pre{background:#222}"
    "section{border-color:#333}a{color:#8ab4f8}}"
)
INDEX = {
    "name": "runfold",
    "version": __version__,
    "studio": "/studio",
    "api": "/api",
    "documentation": "/schema",
    "openapi": "/schema/openapi.json",
    "live": "/health/live",
    "ready": "/health/ready",
}
DOCUMENTS = (
    '<p>The document itself: <a href="/schema/openapi.json">openapi.json</a>, '
    '<a href="/schema/openapi.yaml">openapi.yaml</a>.</p>'
)
METHODS = ("get", "put", "post", "delete")


@get("/", include_in_schema=False)
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    """Where things are: JSON, or a page for who asks for one."""
    vary = {"Vary": "Accept"}
    if "text/html" not in request.headers.get("accept", ""):
        return Response(INDEX, headers=vary)
    links = "".join(
        f'<tr><th>{escape(name)}</th><td><a href="{escape(where)}">{escape(where)}</a></td></tr>'
        for name, where in INDEX.items()
        if where.startswith("/") and name != "api"
    )
    body = f"<h1>runfold {escape(__version__)}</h1><table>{links}</table>"
    return Response(page("runfold", body), media_type=MediaType.HTML, headers=vary)


@get("/schema", include_in_schema=False, sync_to_thread=True)
def schema_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The API's description as a page, rendered from its document."""
    document = _document(request).document
    info = document["info"]
    parts = [
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{escape(info['description'])}</p>",
        DOCUMENTS,
        *_groups(document),
        "<h2>Schemas</h2>",
        *(_schema(name, schema) for name, schema in document["components"]["schemas"].items()),
    ]
    return Response(page(info["title"], "".join(parts)), media_type=MediaType.HTML)


@get("/schema/openapi.json", include_in_schema=False, sync_to_thread=True)
def schema_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The API's document as JSON."""
    return Response(_document(request).json, media_type="application/vnd.oai.openapi+json")


@get("/schema/openapi.yaml", include_in_schema=False, sync_to_thread=True)
def schema_yaml(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The API's document as YAML."""
    return Response(_document(request).yaml, media_type="application/vnd.oai.openapi")


def _document(request: Request[Any, Any, Any]) -> ApiDocument:
    found: ApiDocument = request.app.state.document
    return found


def page(title: str, body: str) -> str:
    """A whole HTML page."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(CSP)}">'
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>{body}</body></html>'
    )


def _groups(document: dict[str, Any]) -> Iterator[str]:
    """The operations, by their first tag, in the order of the tags."""
    operations = [
        (path, method, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]
    for tag in document.get("tags", []):
        yield f"<h2>{escape(tag['name'])}</h2><p>{escape(tag.get('description', ''))}</p>"
        for path, method, operation in operations:
            if operation.get("tags", [""])[0] == tag["name"]:
                yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(one['in'])}</td>"
        f"<td>{escape(_type_of(one.get('schema', {})))}</td>"
        f"<td>{escape(one.get('description') or '')}</td></tr>"
        for one in operation.get("parameters", [])
    )
    content = operation.get("requestBody", {}).get("content", {})
    body = "".join(
        f"<p>Body <code>{escape(media)}</code>: {_link(_type_of(given.get('schema', {})))}</p>"
        for media, given in content.items()
    )
    answers = ", ".join(
        f"{escape(status)} {escape(answer.get('description', ''))}"
        for status, answer in operation.get("responses", {}).items()
    )
    said = escape(operation.get("description") or operation.get("summary") or "")
    return (
        f'<section id="{escape(operation.get("operationId", ""))}"><h3>'
        f'<span class="method">{method.upper()}</span> <code>{escape(path)}</code></h3>'
        f"<p>{said}</p><table>{rows}</table>{body}<p>Answers: {answers}</p></section>"
    )


def _schema(name: str, schema: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(field)}</code></td><td>{escape(_type_of(given))}</td>"
        f"<td>{escape(given.get('description') or '')}</td></tr>"
        for field, given in schema.get("properties", {}).items()
    )
    return f'<section id="{escape(name)}"><h3>{escape(name)}</h3><table>{rows}</table></section>'


def _type_of(schema: dict[str, Any]) -> str:
    if reference := schema.get("$ref"):
        return str(reference).rpartition("/")[2]
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        return " or ".join(_type_of(choice) for choice in choices)
    kind = schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _link(name: str) -> str:
    return f'<a href="#{escape(name)}">{escape(name)}</a>' if name.isidentifier() else escape(name)


ROUTES = (index, schema_page, schema_json, schema_yaml)

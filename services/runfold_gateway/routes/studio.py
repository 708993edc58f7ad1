"""The studio's page and its built files, below `/studio`. They hold no data and need no key."""

from __future__ import annotations

from secrets import token_urlsafe

from litestar import Response, get

from runfold.errors import NotFound
from runfold_gateway.backend import backend_of
from runfold_gateway.door.framing import framers_of
from runfold_gateway.http.bodies import Req
from runfold_studio.assets import asset, is_built, page

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors {framed}; "
    "require-trusted-types-for 'script'"
)
"""What the page may do: load from this gateway alone, and run no script but its files."""
FOREVER = "public, max-age=31536000, immutable"
"""An asset's name changes with its content."""


@get(["/studio", "/studio/{screen:path}"], include_in_schema=False)
async def studio_page(request: Req) -> Response[str]:
    """The page; which of its screens is shown, it reads from the address itself."""
    if not is_built():
        message = "the studio's page is not built here: this checkout has its sources alone"
        raise NotFound(message, code="studio.not_built")
    nonce = token_urlsafe(16)
    framed = framers_of(request.scope["path"], backend_of(request).settings.studio_framed_by)
    headers = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": POLICY.format(nonce=nonce, framed=framed),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
    }
    return Response(page(nonce), media_type="text/html", headers=headers)


@get("/studio/assets/{name:str}", include_in_schema=False, sync_to_thread=True)
def studio_asset(name: str) -> Response[bytes]:
    """A built file."""
    found = asset(f"assets/{name}")
    if found is None:
        message = f"the studio has no file assets/{name[:100]}: reload the page for its newest ones"
        raise NotFound(message, code="studio.asset_not_found")
    headers = {"Cache-Control": FOREVER}
    return Response(found.body, media_type=found.media_type, headers=headers)


ROUTES = (studio_page, studio_asset)

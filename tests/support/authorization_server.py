"""An OAuth2 authorization server by Authlib, over real sockets, and a service behind it.

`/authorize` is the page where the person says yes at once, `/token` the token endpoint; `/api/…`
is the service. Refresh tokens rotate: one that comes again is refused, as is one that was revoked.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    OAuth2Error,
    OAuth2Request,
    TokenMixin,
    grants,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge

from runfold.model_servers.http_server import LoopbackServer, Request, Responder

CLIENT = "the-client"
SECRET = "s3cret/with+odd=characters"
SCOPE = "tea"


class _Client(ClientMixin):
    def __init__(self, backs: list[str]) -> None:
        self._backs = backs

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        return scope if not scope or scope == SCOPE else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self._backs

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return True


class _Token(TokenMixin):
    def __init__(self, value: dict[str, Any], client: _Client) -> None:
        self.value = value
        self.client = client
        self.made_at = time.time()
        self.revoked = False

    def check_client(self, client: _Client) -> bool:
        return client is self.client

    def get_scope(self) -> str:
        return self.value.get("scope") or ""

    def get_expires_in(self) -> int:
        return self.value["expires_in"]

    def is_expired(self) -> bool:
        return time.time() > self.made_at + self.value["expires_in"]

    def is_revoked(self) -> bool:
        return self.revoked

    def get_user(self) -> str:
        return "ada"

    def get_client(self) -> _Client:
        return self.client


class _Code:
    def __init__(self, code: str, request: OAuth2Request) -> None:
        self.code = code
        self.redirect_uri = request.payload.redirect_uri
        self.scope = request.payload.scope
        self.code_challenge = request.payload.data.get("code_challenge")
        self.code_challenge_method = request.payload.data.get("code_challenge_method")

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class _ForClients(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class _Codes(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        self.server.codes[code] = _Code(code, request)

    def query_authorization_code(self, code: str, client: _Client) -> _Code | None:
        return self.server.codes.get(code)

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        del self.server.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: _Code) -> str:
        return "ada"


class _Refreshing(grants.RefreshTokenGrant):
    INCLUDE_NEW_REFRESH_TOKEN = True
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def authenticate_refresh_token(self, refresh_token: str) -> _Token | None:
        found = self.server.by_refresh.get(refresh_token)
        return found if found is not None and not found.revoked else None

    def authenticate_user(self, refresh_token: _Token) -> str:
        return "ada"

    def revoke_old_credential(self, refresh_token: _Token) -> None:
        refresh_token.revoked = True


class _Server(AuthorizationServer):
    def __init__(self, expires_in: int, backs: list[str]) -> None:
        super().__init__(scopes_supported=[SCOPE])
        self.client = _Client(backs)
        self.codes: dict[str, _Code] = {}
        self.by_access: dict[str, _Token] = {}
        self.by_refresh: dict[str, _Token] = {}
        self.expires_in = expires_in
        self.made = 0
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                lambda *_, **__: self._next("access"),
                lambda *_, **__: self._next("refresh"),
                lambda *_: self.expires_in,
            ),
        )
        self.register_grant(_ForClients)
        self.register_grant(_Codes, [CodeChallenge(required=True)])
        self.register_grant(_Refreshing)

    def _next(self, kind: str) -> str:
        self.made += 1
        return f"{kind}-token-{self.made}-0123456789"

    def query_client(self, client_id: str) -> _Client | None:
        return self.client if client_id == CLIENT else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        kept = _Token(token, request.client)
        self.by_access[token["access_token"]] = kept
        if "refresh_token" in token:
            self.by_refresh[token["refresh_token"]] = kept

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        if isinstance(request, _Asked):
            return request
        query = dict(parse_qsl(urlsplit(request.target).query))
        form = dict(parse_qsl(request.body.decode()))
        made = _Asked(request.method, f"https://server{request.target}", form, query)
        made.headers = {name.title(): value for name, value in request.headers.items()}
        made.payload = BasicOAuth2Payload({**query, **form})
        return made

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        return status, body, dict(headers)

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        return


class _Asked(OAuth2Request):
    def __init__(self, method: str, uri: str, form: dict[str, str], query: dict[str, str]) -> None:
        super().__init__(method, uri)
        self._own = form, query

    @property
    def form(self) -> dict[str, str]:
        return self._own[0]

    @property
    def args(self) -> dict[str, str]:
        return self._own[1]


class Authority:
    """The authorization server and the service.

    Args:
        expires_in: Seconds for which access tokens count.
    """

    def __init__(self, expires_in: int = 3600) -> None:
        self.backs: list[str] = []
        """Where browsers may be sent back to."""
        self.server = _Server(expires_in, self.backs)
        self.http = LoopbackServer(self.handle)
        self.asked: list[Request] = []
        """Requests for tokens."""
        self.calls: list[Request] = []
        self.reached = asyncio.Event()
        """Set when a token is asked for."""
        self.down = 0
        """Requests for tokens that are answered with 503."""

    @property
    def issued(self) -> int:
        """Access tokens given."""
        return len(self.server.by_access)

    def revoke(self) -> None:
        """No token that was given counts any more."""
        for token in (*self.server.by_access.values(), *self.server.by_refresh.values()):
            token.revoked = True

    def end_access(self) -> None:
        """Access tokens end before their time; refresh tokens go on."""
        self.server.by_access.clear()

    async def handle(self, request: Request, responder: Responder) -> None:
        if request.path == "/token":
            await self._token(request, responder)
        elif request.path == "/authorize":
            await self._authorize(request, responder)
        else:
            await self._service(request, responder)

    async def _token(self, request: Request, responder: Responder) -> None:
        self.asked.append(request)
        self.reached.set()
        if self.down:
            self.down -= 1
            await responder.json(503, {"message": "busy"})
            return
        status, body, _ = self.server.create_token_response(request)
        await responder.json(status, body)

    async def _authorize(self, request: Request, responder: Responder) -> None:
        try:
            asked = self.server.create_oauth2_request(request)
            grant = self.server.get_consent_grant(asked, "ada")
            status, _, headers = self.server.create_authorization_response(
                asked, grant_user="ada", grant=grant
            )
        except OAuth2Error as error:
            await responder.json(400, dict(error.get_body()))
            return
        await responder.body(status, {"location": headers["Location"]}, b"")

    async def _service(self, request: Request, responder: Responder) -> None:
        self.calls.append(request)
        said = request.headers.get("authorization", "")
        token = self.server.by_access.get(said.removeprefix("Bearer "))
        if token is None or token.is_revoked() or token.is_expired():
            await responder.json(401, {"message": "who are you?", "sent": said})
        else:
            await responder.json(200, {"sent": said, "target": request.target})

"""OAuth2 on the wire: what is asked of a token endpoint, and what its answer says. Pure."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import msgspec

from runfold.connections.credentials import AuthorizationCode, OAuth

EARLY = 30.0
"""Seconds before its end at which a token is renewed, or a tenth of its life when that is less."""
_SHOWN = 300


class Token(msgspec.Struct, frozen=True):
    """What an authorization server gave."""

    access_token: str
    obtained_at: float
    """Unix seconds."""
    expires_in: float | None = None
    """Seconds; None: the server does not say."""
    refresh_token: str = ""
    scope: str = ""

    @property
    def expires_at(self) -> float | None:
        """When it ends, in Unix seconds."""
        return None if self.expires_in is None else self.obtained_at + self.expires_in

    def is_fresh(self, now: float) -> bool:
        """Whether it need not be renewed yet."""
        if self.expires_in is None:
            return True
        early = min(EARLY, self.expires_in / 10)
        return now < self.obtained_at + self.expires_in - early


class Refused(Exception):
    """The token endpoint gave no token. `final`: asking again the same way cannot help."""

    def __init__(self, reason: str, error: str, *, final: bool) -> None:
        super().__init__(reason)
        self.error = error
        self.final = final


class TokenRequest(msgspec.Struct, frozen=True):
    """A request to a token endpoint: a POST."""

    url: str
    headers: dict[str, str]
    body: bytes


def token_request(client: OAuth, form: Mapping[str, str]) -> TokenRequest:
    """A request with the client's own credentials, as its `client_auth` says."""
    asked = {**form, "resource": client.resource}
    fields = {name: value for name, value in asked.items() if value}
    headers = {"accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    if client.client_secret and client.client_auth == "client_secret_basic":
        pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
        headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        fields["client_id"] = client.client_id
        if client.client_secret:
            fields["client_secret"] = client.client_secret
    return TokenRequest(client.token_url, headers, urlencode(fields).encode())


def for_client(client: OAuth) -> dict[str, str]:
    """What is asked for by client credentials."""
    return {
        "grant_type": "client_credentials",
        "scope": client.scope,
        "audience": client.audience,
    }


def for_code(code: str, verifier: str, redirect_uri: str) -> dict[str, str]:
    """What is asked for when a person has allowed it."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "code_verifier": verifier,
        "redirect_uri": redirect_uri,
    }


def for_refresh(refresh_token: str) -> dict[str, str]:
    """What is asked for when a token has ended."""
    return {"grant_type": "refresh_token", "refresh_token": refresh_token}


def read_token(
    status: int,
    value: Any,
    now: float,
    refresh_token: str = "",
    shown: Callable[[str], str] = str,
) -> Token:
    """The token of an answer.

    Args:
        status: The answer's.
        value: Its JSON value.
        now: Unix seconds.
        refresh_token: The one in use, which is kept where the answer has none.
        shown: Takes secrets out of what the server says, which may repeat what it was sent.

    Raises:
        Refused: There is none in it.
    """
    answer = value if isinstance(value, dict) else {}
    error = answer.get("error")
    if isinstance(error, str) and error:  # with a 200, too
        said = answer.get("error_description")
        reason = f"{error}: {said}" if isinstance(said, str) and said else error
        final = error not in ("temporarily_unavailable", "server_error", "slow_down")
        raise Refused(shown(reason)[:_SHOWN], shown(error)[:_SHOWN], final=final)
    access = answer.get("access_token")
    if not isinstance(access, str) or not access or status >= 300:  # noqa: PLR2004 -- no success
        final = 400 <= status < 500 and status not in (408, 425, 429)  # noqa: PLR2004 -- ours
        raise Refused(f"it answered {status} without a token", "", final=final)
    kind = answer.get("token_type", "bearer")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise Refused("it gave a token that is not a bearer token", "", final=True)
    given = answer.get("refresh_token")
    scope = answer.get("scope")
    return Token(
        access_token=access,
        obtained_at=now,
        expires_in=_seconds(answer.get("expires_in")),
        refresh_token=given if isinstance(given, str) and given else refresh_token,
        scope=scope if isinstance(scope, str) else "",
    )


def _seconds(value: Any) -> float | None:
    """A number of seconds, which some servers write as text."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None
    return seconds if seconds is not None and 0 <= seconds < 10**10 else None


def new_secret() -> str:
    """An unguessable text: a state, or a PKCE verifier."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def authorization_url(client: AuthorizationCode, state: str, verifier: str, back: str) -> str:
    """The page where a person is asked.

    Args:
        client: The connection.
        state: Ties the answer to this question.
        verifier: Ties the token to this question (PKCE, RFC 7636).
        back: Where the browser is sent back to.
    """
    digest = hashlib.sha256(verifier.encode()).digest()
    params = {
        **client.authorization_params,
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": back,
        "scope": client.scope,
        "audience": client.audience,
        "resource": client.resource,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    asked = urlencode({name: value for name, value in params.items() if value}, quote_via=quote)
    between = "&" if "?" in client.authorization_url else "?"
    return f"{client.authorization_url}{between}{asked}"

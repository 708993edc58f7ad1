"""Tokens for servers that ask for them: the SDK's provider of the grant `client_credentials`.

Tokens are kept in memory. Imports the SDK: import it lazily.
"""

from __future__ import annotations

from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from runfold_executor_http.mcp_client.servers import Target


class Tokens:
    """What the provider keeps, for as long as the session lives."""

    def __init__(self) -> None:
        self._tokens: OAuthToken | None = None
        self._client: OAuthClientInformationFull | None = None

    @property
    def secret(self) -> str:
        """The token in use, which nothing may show; empty: none."""
        return self._tokens.access_token if self._tokens else ""

    async def get_tokens(self) -> OAuthToken | None:
        """The tokens there are."""
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Keep tokens."""
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """What is known of the client."""
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Keep what is known of the client."""
        self._client = client_info


def provider_for(target: Target, tokens: Tokens) -> ClientCredentialsOAuthProvider | None:
    """What gets tokens for a server; None where it needs none."""
    oauth = target.declared.oauth
    if oauth is None:
        return None
    return ClientCredentialsOAuthProvider(
        server_url=target.declared.url,
        storage=tokens,
        client_id=oauth.client_id,
        client_secret=target.client_secret,
        scope=" ".join(oauth.scopes) or None,
        issuer=oauth.issuer,
    )

"""Finds the endpoint of a model name in the settings."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from runfold.contracts.secrecy import remember
from runfold.errors import NodeFailed
from runfold.settings import Settings
from runfold.values.urls import shown_url

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"
"""Sent where no key is set: local servers take any, and the client wants one."""


_SECRET = 8
"""Characters from which on a key is masked; local servers are given words such as `none`."""


class Endpoint(msgspec.Struct, frozen=True):
    """Where to send a request, and as whom."""

    name: str
    """The provider's name in the settings; empty for `OPENAI_BASE_URL`."""
    base_url: str
    api_key: str
    model: str
    """The model's name as the provider knows it."""

    @property
    def key_setting(self) -> str:
        """The variable that holds the key."""
        if self.name:
            return f"RUNFOLD_LLM__PROVIDERS__{self.name.upper()}__API_KEY"
        return "OPENAI_API_KEY"

    @property
    def url_setting(self) -> str:
        """The variable that holds the URL."""
        if self.name:
            return f"RUNFOLD_LLM__PROVIDERS__{self.name.upper()}__BASE_URL"
        return "OPENAI_BASE_URL"

    def __repr__(self) -> str:
        """Without the key: tracebacks and logs print this."""
        return f"Endpoint({self.name!r}, {self.base_url!r}, model={self.model!r})"


def endpoint_for(model: str, settings: Settings) -> Endpoint:
    """The endpoint of a model.

    `name/model` goes to the provider `name` when the settings have it; every other name, slashes
    included, goes to `OPENAI_BASE_URL` as it is. An empty name is the default model.

    Raises:
        NodeFailed: `llm.not_configured`, when there is no endpoint for it, or no URL can be read.
    """
    endpoint = _endpoint(model, settings)
    if len(endpoint.api_key) >= _SECRET:
        # Servers repeat a key in what they say, and a model may.
        remember(endpoint.api_key)
    try:
        _ = urlsplit(endpoint.base_url).port
    except ValueError as error:
        message = f"{endpoint.url_setting} is not a URL ({error}): {shown_url(endpoint.base_url)!r}"
        raise NodeFailed(message, code="llm.not_configured", kind="auth") from error
    return endpoint


def _endpoint(model: str, settings: Settings) -> Endpoint:
    model = model.strip() or settings.llm.default_model
    prefix, slash, rest = model.partition("/")
    provider = settings.llm.providers.get(prefix) if slash else None
    if provider is not None:
        return Endpoint(
            name=prefix,
            base_url=provider.base_url.strip(),
            api_key=provider.api_key.get_secret_value().strip() or NO_KEY,
            model=rest,
        )
    key = settings.openai_api_key.get_secret_value().strip()
    base_url = settings.openai_base_url.strip()
    if not key and not base_url:
        raise _not_configured(model, settings)
    return Endpoint(name="", base_url=base_url or OPENAI, api_key=key or NO_KEY, model=model)


def _not_configured(model: str, settings: Settings) -> NodeFailed:
    known = ", ".join(f"'{name}/…'" for name in sorted(settings.llm.providers))
    providers = f" Configured providers take model names like {known}." if known else ""
    message = (
        f"no endpoint for model {model!r}: set OPENAI_API_KEY (and OPENAI_BASE_URL for another "
        "OpenAI-compatible server), or use --demo-model for canned text or --local-model for a "
        f"small real model.{providers}"
    )
    return NodeFailed(message, code="llm.not_configured", kind="auth", details={"model": model})

"""What each endpoint and model refused of a request, so that it is not offered again."""

from __future__ import annotations

from runfold.model_endpoints.providers import Endpoint

Refused = frozenset[str]
"""Names of parameters, of response formats, and of what else a request can do without."""


class Refusals:
    """What each endpoint and model refused; one for a service."""

    def __init__(self) -> None:
        self._refused: dict[tuple[str, str], Refused] = {}
        self._most: dict[tuple[str, str], int] = {}

    def of(self, endpoint: Endpoint) -> Refused:
        """What is known not to be taken."""
        return self._refused.get((endpoint.base_url, endpoint.model), frozenset())

    def learn(self, endpoint: Endpoint, names: Refused) -> None:
        """Remember what was refused."""
        self._refused[endpoint.base_url, endpoint.model] = self.of(endpoint) | names

    def most_texts(self, endpoint: Endpoint) -> int | None:
        """How many texts one request may have; None when that is not known."""
        return self._most.get((endpoint.base_url, endpoint.model))

    def learn_most_texts(self, endpoint: Endpoint, most: int) -> None:
        """Remember how many texts one request may have."""
        self._most[endpoint.base_url, endpoint.model] = most

"""What keeps the running attempt's secrets out of texts that are about to be cut or rewritten.

Code that shortens or squeezes a text calls `masked` first: half a secret is not found later. The
executor puts its redaction here for each attempt; elsewhere there is none, and texts stay as they
are. How secrets are found does not belong here.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Protocol


class Keeper(Protocol):
    """Knows secrets and masks them."""

    def without_secrets(self, text: str) -> str:
        """The text with every known secret masked."""

    def remember(self, value: str) -> None:
        """Mask a value from now on."""

    def known_in(self, text: str) -> tuple[str, ...]:
        """The secrets that are in a text."""


KEEPER: ContextVar[Keeper | None] = ContextVar("secrecy", default=None)
"""The running attempt's."""


def masked(text: str) -> str:
    """The text with the attempt's secrets masked."""
    keeper = KEEPER.get()
    return text if keeper is None else keeper.without_secrets(text)


def remember(value: str) -> None:
    """Mask a value from now on, in the running attempt."""
    if (keeper := KEEPER.get()) is not None:
        keeper.remember(value)


def secrets_in(text: str) -> tuple[str, ...]:
    """The attempt's secrets that are in a text: for what outlives the attempt and shows texts."""
    keeper = KEEPER.get()
    return () if keeper is None else keeper.known_in(text)


def conceal(built: str) -> None:
    """A text was built, perhaps out of a secret: if so, mask all of it from now on."""
    if masked(built) != built:
        remember(built)

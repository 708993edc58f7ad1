"""What the rest of runfold needs of streams that are not its own: whose messages begin runs.

Nothing here makes, changes or removes such a stream; only consumers of it are made and removed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from typing import Protocol

import msgspec

from runfold.bus.ports.queues import Lease


class Subscription(msgspec.Struct, frozen=True):
    """A workflow's wish for the messages of a subject."""

    workflow_id: str
    stream: str
    subject: str
    """A pattern: `*` and `>` stand for tokens."""
    since: float
    """Unix seconds: messages that were stored earlier are not for it."""


class Standing(msgspec.Struct, frozen=True):
    """How it stands with a subscription."""

    problem: str = ""
    """Why no messages come; empty: they do."""
    waiting: int = 0
    """Messages that were not handed out yet."""
    in_hand: int = 0
    """Messages that were handed out and not acknowledged."""


class MessageLease(Lease, Protocol):
    """A message of a stream that is not ours, in our hand for the moment."""

    @property
    def subject(self) -> str:
        """The subject it came on."""

    @property
    def body(self) -> bytes:
        """The bytes as they were published."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, as they were published."""

    @property
    def seq(self) -> int:
        """Its sequence in its stream: the same at each redelivery."""

    @property
    def time(self) -> float:
        """Unix seconds at which the broker stored it: the same at each redelivery."""


class MessageFeed(Protocol):
    """An open subscription."""

    def __aiter__(self) -> AsyncIterator[MessageLease]:
        """Leases as they come. Ends after `stop`.

        Raises `NotFound` when its stream or its consumer was removed meanwhile.
        """

    def done(self) -> None:
        """One taken lease is finished: its slot is free."""

    async def stop(self) -> None:
        """Take no more; what was delivered but not yet iterated is given back."""


class Subscriptions(Protocol):
    """Messages of the operator's own streams."""

    async def open(self, wanted: Subscription, *, slots: int) -> MessageFeed:
        """Take the messages of a subscription, together with all who have opened it too.

        Its place in the stream is the broker's, and stays until the subscription is swept away.

        Raises:
            NotFound: `subject.no_stream`: there is no such stream.
            InvalidRequest: `subject.refused`: the broker does not give its messages.
            BusUnavailable: The broker does not answer.
        """

    async def standing(self, wanted: Subscription) -> Standing:
        """How it stands with a subscription. Raises `BusUnavailable`."""

    async def sweep(self, kept: Mapping[str, Collection[Subscription]]) -> int:
        """Remove what workflows no longer want.

        Args:
            kept: Workflow → all that it wants. Those of workflows not named here stay.

        Returns:
            How many were removed.

        Raises:
            BusUnavailable: The broker does not answer.
        """

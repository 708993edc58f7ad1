"""What every bus does with streams that are not its own. Inherited as `BusBehaviour` is.

The `operator` fixture makes, fills and removes such a stream, as programs beside runfold do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Protocol

import pytest

from runfold.bus.ports.bus import Bus
from runfold.bus.ports.subscriptions import Subscription
from runfold.errors import NotFound
from tests.contract.bus_behaviour import taken


class Operator(Protocol):
    """Who has streams of their own on the same broker."""

    async def create(self, stream: str, *subjects: str) -> None: ...

    async def delete(self, stream: str) -> None: ...

    async def publish(
        self, subject: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None: ...


def wanted(subject: str = "orders.created", **fields: Any) -> Subscription:
    given = {"workflow_id": "w", "stream": "ORDERS", "since": 0.0, **fields}
    return Subscription(subject=subject, **given)


class SubscriptionBehaviour:
    async def test_messages_of_a_subject_come_as_they_were_published(
        self, bus: Bus, operator: Operator
    ) -> None:
        await operator.create("ORDERS", "orders.>")
        await operator.publish("orders.created", b"1", {"X-From": "shop"})
        await operator.publish("orders.paid", b"2")
        await operator.publish("orders.created", b"\xff")
        feed = await bus.subscriptions.open(wanted(), slots=5)
        first, third = await taken(feed, 2)
        assert (first.subject, first.body, dict(first.headers)) == (
            "orders.created",
            b"1",
            {"X-From": "shop"},
        )
        assert (first.seq, third.seq, third.body) == (1, 3, b"\xff")
        assert first.time > 0
        standing = await bus.subscriptions.standing(wanted())
        assert (standing.problem, standing.waiting, standing.in_hand) == ("", 0, 2)
        await feed.stop()

    async def test_a_claim_of_somebody_else_is_a_body_like_any_other(
        self, bus: Bus, operator: Operator
    ) -> None:
        digest = await bus.blobs.put(b"not for you")
        claim = b'{"claim":{"sha256":"%s","size":11}}' % digest.encode()
        await operator.create("ORDERS", "orders.>")
        await operator.publish("orders.created", claim)
        feed = await bus.subscriptions.open(wanted(), slots=5)
        (lease,) = await taken(feed, 1)
        assert lease.body == claim
        await feed.stop()

    async def test_a_message_goes_to_one_of_those_who_share_a_subscription(
        self, bus: Bus, operator: Operator
    ) -> None:
        await operator.create("ORDERS", "orders.>")
        feeds = [await bus.subscriptions.open(wanted(), slots=5) for _ in range(2)]
        readers = [asyncio.ensure_future(taken(feed, 5)) for feed in feeds]
        for number in range(10):
            await operator.publish("orders.created", b"%d" % number)
        found = [lease for leases in await asyncio.gather(*readers) for lease in leases]
        assert sorted(lease.seq for lease in found) == list(range(1, 11))
        for feed in feeds:
            await feed.stop()

    async def test_what_is_not_acknowledged_comes_again_as_the_same(
        self, bus: Bus, operator: Operator
    ) -> None:
        await operator.create("ORDERS", "orders.>")
        await operator.publish("orders.created", b"1")
        (lost,) = await taken(await bus.subscriptions.open(wanted(), slots=1), 1)
        feed = await bus.subscriptions.open(wanted(), slots=1)
        (again,) = await taken(feed, 1)
        assert (again.seq, again.time, again.deliveries) == (lost.seq, lost.time, 2)
        await again.ack()
        feed.done()
        await operator.publish("orders.created", b"2")
        (second,) = await taken(feed, 1)
        assert (second.seq, second.deliveries) == (2, 1)
        await feed.stop()

    async def test_two_workflows_both_have_a_message(self, bus: Bus, operator: Operator) -> None:
        await operator.create("ORDERS", "orders.>")
        await operator.publish("orders.created", b"1")
        for name in ("w", "v"):
            feed = await bus.subscriptions.open(wanted("orders.*", workflow_id=name), slots=1)
            (lease,) = await taken(feed, 1)
            assert lease.body == b"1"
            await feed.stop()

    async def test_what_was_stored_before_is_not_for_it(self, bus: Bus, operator: Operator) -> None:
        await operator.create("ORDERS", "orders.>")
        await operator.publish("orders.created", b"before")
        (before,) = await taken(await bus.subscriptions.open(wanted("orders.>"), slots=1), 1)
        since = before.time + 0.001
        while time.time() <= since:  # noqa: ASYNC110 -- a clock
            await asyncio.sleep(0.001)
        await operator.publish("orders.created", b"after")
        feed = await bus.subscriptions.open(wanted(since=since), slots=1)
        (lease,) = await taken(feed, 1)
        assert lease.body == b"after"
        await feed.stop()

    async def test_a_stream_that_is_not_there_is_told(self, bus: Bus, operator: Operator) -> None:
        with pytest.raises(NotFound) as caught:
            await bus.subscriptions.open(wanted(), slots=1)
        assert caught.value.code == "subject.no_stream"
        assert "ORDERS" in (await bus.subscriptions.standing(wanted())).problem
        await operator.create("ORDERS", "orders.>")
        assert (await bus.subscriptions.standing(wanted())).problem
        feed = await bus.subscriptions.open(wanted(), slots=1)
        assert not (await bus.subscriptions.standing(wanted())).problem
        await feed.stop()

    async def test_who_takes_of_a_stream_that_goes_is_told(
        self, bus: Bus, operator: Operator
    ) -> None:
        await operator.create("ORDERS", "orders.>")
        feed = await bus.subscriptions.open(wanted(), slots=1)
        taking = asyncio.ensure_future(taken(feed, 1))
        await operator.publish("orders.created", b"1")
        await (await taking)[0].ack()
        feed.done()
        taking = asyncio.ensure_future(taken(feed, 1))
        # By then the broker has been asked for the next message, and tells that there is none.
        await bus.subscriptions.standing(wanted())
        await operator.delete("ORDERS")
        with pytest.raises(NotFound):
            await asyncio.wait_for(taking, 20)
        await feed.stop()

    async def test_what_is_wanted_no_longer_is_removed_and_nothing_else(
        self, bus: Bus, operator: Operator
    ) -> None:
        await operator.create("ORDERS", "orders.>")
        here, there = wanted(), wanted("orders.paid")
        other = wanted(workflow_id="other")
        for one in (here, there, other):
            await (await bus.subscriptions.open(one, slots=1)).stop()
        # Nothing is known of the other workflow: it may be one that cannot be read just now.
        assert await bus.subscriptions.sweep({"w": [here]}) == 1
        problems = [(await bus.subscriptions.standing(one)).problem for one in (here, there, other)]
        assert list(map(bool, problems)) == [False, True, False]
        assert await bus.subscriptions.sweep({"w": [], "other": []}) == 2
        assert await bus.subscriptions.sweep({"w": [], "other": []}) == 0

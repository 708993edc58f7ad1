"""The scheduler's small parts: partitions, and the stream's clock."""

from __future__ import annotations

import pytest

from runfold.errors import ConfigurationError
from runfold_scheduler.ownership.partitions import parse_partitions
from runfold_scheduler.time.stream_clock import StreamClock


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0-63", set(range(64))), ("5", {5}), ("0-2, 9,60-63", {0, 1, 2, 9, 60, 61, 62, 63})],
)
def test_partitions_are_ranges(text: str, expected: set[int]) -> None:
    assert parse_partitions(text) == expected


@pytest.mark.parametrize("text", ["", "a", "0-64", "-1", "3-1"])
def test_what_is_no_partition_is_said_so(text: str) -> None:
    with pytest.raises(ConfigurationError, match="partitions"):
        parse_partitions(text)


class Wall:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_due_times_are_by_the_streams_clock() -> None:
    wall = Wall()
    clock = StreamClock(wall)
    wall.now = 1300.0  # this host is five minutes ahead
    clock.observe(1000.0)
    assert clock.until(1010.0) == pytest.approx(10.0)
    assert clock.until(990.0) == 0.0


def test_old_events_after_a_break_do_not_make_timers_late() -> None:
    wall = Wall()
    clock = StreamClock(wall)
    clock.observe(1000.0)
    wall.now = 1600.0
    clock.observe(1001.0)  # stored while we were away
    assert clock.until(1610.0) <= 10.6 + 1e-6

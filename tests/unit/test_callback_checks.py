"""Callbacks: addresses that no executor could reach are refused, and large events are cut."""

from __future__ import annotations

import pytest

from runfold.contracts.callbacks import Callback, callback_problems
from runfold.contracts.requests import RunRequest
from runfold_scheduler.outbox.callbacks import cut


@pytest.mark.parametrize(
    "url",
    [
        "https://ho\nst/",
        "https://host/a b",
        "https://host/\0",
        "https://host/\ud800",
        "https://ann:secret@host/",
        "https://ann@host/",
        "https://host:99999/",
        "https://host:0/",
        "https://host:x/",
        "file:///etc/passwd",
        "https://",
        "//host/",
    ],
)
def test_an_address_that_cannot_be_reached(url: str) -> None:
    [(where, problem)] = callback_problems([Callback(url)])
    assert where == "[0].url"
    assert "secret" not in problem


@pytest.mark.parametrize(
    "url", ["https://host", "http://[::1]:80/a?b=c%20d#e", "https://höst.example/@a"]
)
def test_an_address_that_can(url: str) -> None:
    assert callback_problems([Callback(url)]) == []


def test_a_large_event_is_cut() -> None:
    data = {"run_id": "r", "outputs": {"text": "x" * 9}, "error": None, "finished_at": 1.0}
    request = RunRequest(inputs={"url": "u", "event": {"id": "e", "data": data}})
    assert cut(request).inputs == {
        "url": "u",
        "event": {"id": "e", "data": {"run_id": "r", "finished_at": 1.0, "truncated": True}},
    }

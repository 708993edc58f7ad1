"""What differs from what a deployment should be, and what counts as a wish to change it."""

from __future__ import annotations

from typing import Any

import pytest
from nats.errors import NoRespondersError
from nats.js import api
from nats.js.errors import APIError

from runfold.bus.jetstream.client.link import Link, shown_servers
from runfold.bus.jetstream.topology.api import is_passing
from runfold.bus.jetstream.topology.differences import of_assets, of_durable
from runfold.bus.jetstream.topology.state import copies_of
from runfold.bus.jetstream.topology.wanted import Asset, assets, executor_queue, is_set
from runfold.settings import Settings


def found(asset: Asset, replicas: int = 1, **fields: Any) -> api.StreamInfo:
    config = asset.config(replicas).evolve(**fields)
    return api.StreamInfo(config=config, state=api.StreamState(0, 0, 0, 0, 0))


def everything(settings: Settings, replicas: int = 1) -> dict[str, api.StreamInfo]:
    return {asset.stream: found(asset, replicas) for asset in assets(settings)}


def told(settings: Settings, infos: dict[str, api.StreamInfo]) -> list[str]:
    return [str(one) for one in of_assets(assets(settings), infos)]


def test_what_was_created_does_not_differ() -> None:
    settings = Settings(replicas=3, archive_retention=60.0)
    assert told(settings, everything(settings, 3)) == []


def test_a_shell_without_the_setting_wishes_nothing() -> None:
    made = Settings(replicas=3, archive_retention=60.0)
    assert not is_set(Settings(), "replicas")
    assert told(Settings(), everything(made, 3)) == []


def test_the_environment_counts_as_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_REPLICAS", "1")
    assert is_set(Settings(), "replicas")
    assert len(told(Settings(), everything(Settings(replicas=3), 3))) == len(assets(Settings()))


def test_every_kind_of_asset_follows_the_replicas() -> None:
    differences = of_assets(assets(Settings(replicas=3)), everything(Settings()))
    assert {(one.field, one.has, one.wanted, one.fixed) for one in differences} == {
        ("replicas", 1, 3, "")
    }
    kinds = {one.label.rpartition(" ")[0] for one in differences}
    assert kinds == {"stream", "bucket", "object store"}
    assert len(differences) == len(assets(Settings()))


def test_a_change_that_did_not_reach_all_shows_and_none_is_lowered() -> None:
    infos = everything(Settings(), 3)
    events, *_, snapshots = assets(Settings())
    infos[events.stream], infos[snapshots.stream] = found(events, 1), found(snapshots, 2)
    assert told(Settings(), infos) == [
        "stream EVENTS: replicas is 1, should be 3",
        "object store runfold_snapshots: replicas is 2, should be 3",
    ]


def test_limits_that_a_deployment_set_by_hand_stay() -> None:
    infos = everything(Settings())
    events = assets(Settings())[0]
    infos["EVENTS"] = found(events, 1, max_bytes=1_000, metadata={"team": "a"})
    assert told(Settings(), infos) == []


def test_what_cannot_be_changed_in_place_says_what_to_do() -> None:
    infos = everything(Settings())
    tasks = next(asset for asset in assets(Settings()) if asset.stream == "TASKS")
    wrong = {"storage": api.StorageType.MEMORY, "retention": api.RetentionPolicy.LIMITS}
    infos["TASKS"] = found(tasks, 1, **wrong)
    by_field = {one.field: one for one in of_assets(assets(Settings()), infos)}
    assert by_field.keys() == wrong.keys()
    assert by_field["storage"].has == "memory"
    for one in by_field.values():
        assert "back up the stream TASKS" in one.fixed
        assert "runfold cluster apply" in one.fixed


def test_a_consumer_is_compared_by_what_was_set() -> None:
    made = executor_queue(Settings(ack_wait=3, group_limit=5), "llm").config()
    assert of_durable(executor_queue(Settings(), "llm"), made) == []
    differences = of_durable(executor_queue(Settings(ack_wait=10, group_limit=7), "llm"), made)
    assert {(one.field, one.has, one.wanted) for one in differences} == {
        ("ack_wait", 3, 10.0),
        ("max_ack_pending", 5, 7),
    }
    fewer = made.evolve(num_replicas=1)
    (one,) = of_durable(executor_queue(Settings(), "llm"), fewer)
    assert (one.field, one.has, one.wanted) == ("replicas", 1, 0)


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (TimeoutError(), True),
        (NoRespondersError(), True),
        (APIError.__subclasses__()[0](code=503, err_code=10008), True),
        (APIError(code=400, err_code=10005), True),  # no suitable peers for placement
        (APIError(code=400, err_code=10058), True),  # in use: somebody else has just created it
        (APIError(code=500, err_code=10074), False),  # replicas without a cluster
        (APIError(code=400, err_code=10065), False),  # subjects overlap with another's stream
        (APIError(code=500, err_code=10052), False),  # cannot be changed so
    ],
)
def test_what_passes_is_waited_for_and_what_is_wrong_is_not(
    error: Exception, passing: bool
) -> None:
    assert is_passing(error) is passing


def test_replicas_are_as_many_as_a_stream_can_have() -> None:
    for wrong in (0, 6):
        with pytest.raises(ValueError, match="replicas"):
            Settings(replicas=wrong)


def test_passwords_are_not_shown_and_are_for_every_server() -> None:
    url = "nats://me:p%40ss@a:1, nats://me:p%40ss@b:2,c:3,tok@d:4"
    assert shown_servers(url) == "nats://a:1,nats://b:2,c:3,d:4"
    options = Link(Settings(nats_url=url)).options
    assert (options["user"], options["password"]) == ("me", "p@ss")
    assert Link(Settings(nats_url="nats://secret@a:1")).options["token"] == "secret"
    assert Link(Settings(nats_url="nats://a:1")).options.keys().isdisjoint({"user", "token"})


def test_a_state_names_copies_that_are_away_or_behind() -> None:
    peers = [
        api.PeerInfo(name="b", current=False, offline=True),
        api.PeerInfo(name="c", current=False, offline=False, lag=7),
        api.PeerInfo(name="d", current=True, offline=False),
    ]
    cluster = api.ClusterInfo(leader="a", replicas=peers)
    state = copies_of("stream EVENTS", cluster, 5, 10)
    assert (state.leader, state.copies) == ("a", ["b", "c", "d"])
    assert state.problem == "the copy on b is away; the copy on c is behind by 7"
    assert copies_of("x", api.ClusterInfo(leader=None), 0, 0).problem == "it has no leader"

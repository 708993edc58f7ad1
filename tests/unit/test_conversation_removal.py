"""What is removed from conversations is gone from the log, also where that was stopped half-way."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec
import pytest

from runfold.bus.memory.bus import MemoryBus
from runfold.contracts.conversations import MessageCreated, MessageEdited
from runfold.conversations.all import Conversations
from runfold.conversations.store import id_for_name
from runfold.errors import BusUnavailable, Conflict, NotFound
from runfold.ids import bucket_key
from runfold.settings import Settings

KEY = bucket_key("c")


class Here:
    """Conversations on a bus that can be stopped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bus = MemoryBus(Settings())
        self.talk = Conversations(self.bus)
        self._monkeypatch = monkeypatch

    async def stopped(self, where: str, work: Awaitable[Any]) -> None:
        """Do something that is cut off at one call to the log."""

        async def cut(*_args: Any, **_more: Any) -> None:
            raise BusUnavailable("gone")

        with self._monkeypatch.context() as patched:
            patched.setattr(self.bus.messages, where, cut)
            with pytest.raises(BusUnavailable):
                await work

    async def logged(self) -> str:
        """All that the log has."""
        return str([msgspec.to_builtins(one) async for one in self.bus.messages.read("c")])


@pytest.fixture
async def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    made = Here(monkeypatch)
    await made.talk.store.begin("c", "ann", name="private", metadata={"a": "private"})
    await made.talk.messages.add("c", "ann", "user", "said", message_id="m")
    return made


async def test_the_id_of_a_message_is_free_again_once_all_is_cleared(here: Here) -> None:
    await here.talk.store.clear("c", "ann")
    again = await here.talk.messages.add("c", "ann", "user", "anew", message_id="m")
    assert again.content == "anew"


async def test_a_deleted_message_is_not_said_again(here: Here) -> None:
    await here.talk.messages.delete("c", "ann", "m")
    with pytest.raises(Conflict, match="take another id") as raised:
        await here.talk.messages.add("c", "ann", "user", "said", message_id="m")
    assert (raised.value.code, raised.value.retryable) == ("conversation.message_deleted", False)
    assert "'said'" not in await here.logged()


async def test_a_message_whose_deletion_was_stopped_is_removed_by_the_next(here: Here) -> None:
    await here.stopped("erase", here.talk.messages.delete("c", "ann", "m"))
    late = MessageEdited(conversation_id="c", message_id="m", content="late")
    await here.bus.messages.append(late)
    assert "'said'" in await here.logged()
    with pytest.raises(NotFound):
        await here.talk.messages.delete("c", "ann", "m")
    assert "'said'" not in await here.logged()
    assert "late" not in await here.logged()


async def test_a_deleted_conversation_leaves_no_name_and_no_metadata(here: Here) -> None:
    await here.talk.store.update("c", "ann", name="other")
    await here.talk.store.delete("c", "ann")
    assert "private" not in await here.logged()
    assert "other" not in await here.logged()


@pytest.mark.parametrize("user", ["ann", "bob"])
async def test_a_deletion_that_was_stopped_leaves_nothing_to_the_next(
    here: Here, user: str
) -> None:
    variables = b'{"values":{"heard":["private",1]}}'
    await here.bus.conversations.create(KEY, variables)
    await here.stopped("purge", here.talk.store.delete("c", "ann"))
    assert "'said'" in await here.logged()
    if user == "ann":
        with pytest.raises(NotFound):
            await here.talk.store.delete("c", "ann")
    else:
        await here.talk.store.begin("c", "bob")
    assert "'said'" not in await here.logged()
    held = await here.bus.conversations.get(KEY)
    assert held is not None
    assert held[0] == b"{}"


async def test_variables_of_a_conversation_begun_meanwhile_stay(here: Here) -> None:
    await here.stopped("purge", here.talk.store.delete("c", "ann"))
    await here.talk.store.begin("c", "bob")
    await here.bus.conversations.create(KEY, b'{"values":{"heard":["new",1]}}')
    with pytest.raises(NotFound):
        await here.talk.store.delete("c", "ann")
    held = await here.bus.conversations.get(KEY)
    assert held is not None
    assert b"new" in held[0]


async def test_an_edit_that_comes_too_late_is_not_kept(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, others = here.bus.messages.append, Conversations(here.bus)

    async def after_a_deletion(body: Any, **more: Any) -> Any:
        monkeypatch.setattr(here.bus.messages, "append", append)
        await others.messages.delete("c", "ann", "m")
        return await append(body, **more)

    monkeypatch.setattr(here.bus.messages, "append", after_a_deletion)
    with pytest.raises(NotFound):
        await here.talk.messages.edit("c", "ann", "m", "too late")
    assert "too late" not in await here.logged()


async def test_an_answer_that_was_replaced_is_not_deleted_by_its_id(here: Here) -> None:
    for name in ("first", "second"):
        said = MessageCreated(
            conversation_id="c", message_id=name, role="assistant", content=name, reply_to="m"
        )
        await here.bus.messages.append(said)
    with pytest.raises(NotFound):
        await here.talk.messages.delete("c", "ann", "first")
    assert (await here.talk.messages.history("c", "ann"))[-1]["content"] == "second"


async def test_a_name_whose_id_another_user_has_taken_has_another_id(here: Here) -> None:
    await here.talk.store.begin(id_for_name("Trip", "ann"), "bob")
    begun = await here.talk.store.begin_named("Trip", "ann")
    assert not begun.existed
    assert begun.head.body.conversation_id == id_for_name("Trip", "ann", 1)
    assert (await here.talk.store.begin_named("Trip", "ann")).existed


async def test_who_clears_again_removes_nothing_that_was_said_since(here: Here) -> None:
    await here.stopped("purge", here.talk.store.clear("c", "ann", source="run/node"))
    await here.talk.messages.add("c", "ann", "user", "later", message_id="n")
    await here.talk.store.clear("c", "ann", source="run/node")
    assert "'said'" not in await here.logged()
    assert [one["content"] for one in await here.talk.messages.history("c", "ann")] == ["later"]
    with pytest.raises(NotFound):
        await here.talk.store.clear("c", "bob", source="run/node")
    assert "later" in await here.logged()
    await here.talk.store.clear("c", "ann", source="run/other")
    assert "later" not in await here.logged()

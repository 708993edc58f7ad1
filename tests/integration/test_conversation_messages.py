"""What runs say in conversations, through a real scheduler and broker."""

from __future__ import annotations

from typing import Any

from runfold.contracts.requests import RunRequest
from runfold.conversations.messages import Messages
from runfold.conversations.reading import Reading
from runfold.definitions.store import DefinitionStore
from runfold.engine.views.runs import RunView
from runfold.graph.loader import prepare
from tests.support.stack import Stack, running

ECHO: dict[str, Any] = {
    "id": "echo",
    "nodes": [
        {
            "id": "words",
            "type": "template",
            "config": {
                "template": "{{sys.dialogue_count}} {{sys.user_id}}: {{sys.query}} "
                "after {{sys.history | length}}"
            },
        },
        {"id": "say", "type": "answer", "config": {"answer": "{{words.output}}"}},
    ],
}


async def publish(here: Stack, document: dict[str, Any]) -> None:
    store = DefinitionStore(here.bus.definitions)
    await store.save_draft(prepare(document)[0])
    await store.publish(document["id"])


async def said(here: Stack, query: str, conversation_id: str = "c", **more: Any) -> RunView:
    request = RunRequest(
        workflow_id="echo", query=query, conversation_id=conversation_id, user_id="ann", **more
    )
    view = await here.runs.wait(await here.runs.start(request), 20)
    assert view is not None
    return view


async def heard(here: Stack, conversation_id: str = "c", count: int = 0) -> list[tuple[str, str]]:
    """What was said, once it is so much."""
    messages = Messages(here.bus, Reading(here.bus))
    while True:
        page = await messages.page(conversation_id, "ann", limit=100)
        if len(page.items) >= count:
            return [(one.role, one.content) for one in page.items]


async def test_a_run_says_what_the_user_said_and_what_it_answers() -> None:
    async with running() as here:
        await publish(here, ECHO)
        assert (await said(here, "hello")).outputs == {"answer": "1 ann: hello after 0"}
        await heard(here, count=2)
        await said(here, "again")
        assert await heard(here, count=4) == [
            ("user", "hello"),
            ("assistant", "1 ann: hello after 0"),
            ("user", "again"),
            ("assistant", "2 ann: again after 2"),
        ]

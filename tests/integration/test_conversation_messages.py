"""What runs say in conversations, through a real scheduler and broker."""

from __future__ import annotations

from typing import Any

from runfold.contracts.requests import RunRequest
from runfold.conversations.messages import Messages
from runfold.conversations.reading import Reading
from runfold.definitions.store import DefinitionStore
from runfold.engine.views.runs import RunView
from runfold.graph.loader import prepare
from tests.support.stack import CORE, Stack, running

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


async def test_nodes_begin_read_and_remove_conversations() -> None:
    """Each kind once, each reading what the one before it wrote."""

    def node(id_: str, type_: str, **config: Any) -> dict[str, Any]:
        return {"id": id_, "type": type_, "config": config}

    talk = {"name": "Trip", "conversation_id": "{{talk.conversation_id}}"}
    here_only = {"conversation_id": "{{talk.conversation_id}}"}
    document = {
        "id": "all",
        "nodes": [
            node("talk", "conversation_create", name="Trip", metadata={"a": 1}),
            node("again", "conversation_create", name="Trip"),
            node("asked", "message_create", **here_only, content="Wohin?", metadata={"n": 1}),
            node("told", "message_create", name="Trip", role="assistant", content={"to": "Łódź"}),
            node("edit", "message_edit", **talk, message_id="{{asked.message_id}}", content="去哪"),
            node("before", "conversation_history", **here_only),
            node("page", "message_list", **here_only, limit=1),
            node("earlier", "message_list", **here_only, before="{{page.first_id}}"),
            node("named", "conversation_update", name="Trip", new_name="Reise"),
            node("found", "message_list", name="Reise"),
            node("list", "conversation_list"),
            node("gone", "message_delete", name="Reise", message_id="{{told.message_id}}"),
            node("left", "message_list", **here_only),
            node("clear", "conversation_clear", **here_only),
            node("none", "message_list", **here_only),
            node("delete", "conversation_delete", name="Reise"),
            node("empty", "conversation_list"),
            node(
                "end",
                "end",
                outputs={
                    "existed": ["{{talk.existed}}", "{{again.existed}}"],
                    "before": "{{before.messages}}",
                    "page": "{{page.messages}}",
                    "more": ["{{page.has_more}}", "{{earlier.has_more}}"],
                    "earlier": "{{earlier.messages}}",
                    "found": "{{found.messages | length}}",
                    "list": "{{list.conversations}}",
                    "left": "{{left.messages | length}}",
                    "none": "{{none.messages | length}}",
                    "empty": "{{empty.conversations}}",
                },
            ),
        ],
    }
    async with running((*CORE, "executor-data", "projection")) as here:
        await publish(here, document)
        view = await here.runs.wait(
            await here.runs.start(RunRequest(workflow_id="all", user_id="ann")), 30
        )
        assert view is not None
        assert view.error is None, view.error
        outputs = view.outputs
        assert outputs["existed"] == [False, True]
        assert outputs["before"] == [
            {"role": "user", "content": "去哪"},
            {"role": "assistant", "content": '{"to":"Łódź"}'},
        ]
        assert [one["role"] for one in outputs["page"]] == ["assistant"]
        assert [one["content"] for one in outputs["earlier"]] == ["去哪"]
        assert outputs["more"] == [True, False]
        assert outputs["found"] in (2, "2")
        assert [one["name"] for one in outputs["list"]] == ["Reise"]
        assert outputs["left"] in (1, "1")
        assert outputs["none"] in (0, "0")
        assert outputs["empty"] == []

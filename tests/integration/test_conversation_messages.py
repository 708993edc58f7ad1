"""What runs say in conversations, through a real scheduler and broker."""

from __future__ import annotations

from typing import Any

from runfold.client.refusals import refusal
from runfold.contracts.requests import AnswerRequest, RunRequest
from runfold.conversations.all import Conversations
from runfold.conversations.limits import MAX_CONTENT
from runfold.definitions.store import DefinitionStore
from runfold.engine.views.runs import RunView
from runfold.graph.loader import prepare
from tests.integration.test_conversations import waiting
from tests.support.conversations import heard, heard_texts
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


async def test_a_run_says_what_the_user_said_and_what_it_answers() -> None:
    async with running() as here:
        await publish(here, ECHO)
        assert (await said(here, "hello")).outputs == {"answer": "1 ann: hello after 0"}
        await heard(here.bus, 2)
        await said(here, "again")
        assert await heard_texts(here.bus, 4) == [
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


SLOW: dict[str, Any] = {
    "id": "slow",
    "nodes": [
        {"id": "ask", "type": "human_review", "config": {"message": "Well?"}},
        {
            "id": "say",
            "type": "answer",
            "config": {
                "answer": "{{sys.query}}: {{sys.history | length}} of {{sys.dialogue_count}}"
            },
        },
    ],
}


async def test_runs_side_by_side_see_what_was_answered_before_them() -> None:
    """Their order is that of what users said; each answer is to its own."""
    async with running() as here:
        await publish(here, ECHO)
        await publish(here, SLOW)
        await said(here, "first")
        await heard(here.bus, 2)
        waits = []
        for query in ("second", "third"):
            run_id = await start(here, "slow", query)
            waits.append((run_id, await waiting(here, run_id)))
        for run_id, token in reversed(waits):
            await here.runs.answer(AnswerRequest(token=token, action="approved"))
            assert await here.runs.wait(run_id, 20) is not None
            await heard(here.bus, 4 + (run_id == waits[1][0]))
        found = await heard(here.bus, 6)
        assert [(one.role, one.content) for one in found[2:]] == [
            ("user", "second"),
            ("user", "third"),
            ("assistant", "third: 2 of 3"),
            ("assistant", "second: 2 of 2"),
        ]
        # A model is shown each answer behind what it is to.
        talk = Conversations(here.bus)
        assert [one["content"] for one in await talk.messages.history("c", "ann")][2:] == [
            *("second", "second: 2 of 2", "third", "third: 2 of 3")
        ]


FAILING: dict[str, Any] = {
    "id": "failing",
    "nodes": [
        {
            "id": "hurt",
            "type": "code",
            "config": {"code": "result = 1 / int(n)", "params": {"n": "{{sys.query}}"}},
        },
        {"id": "say", "type": "answer", "config": {"answer": "half: {{hurt.output}}"}},
    ],
}


async def test_a_failed_run_leaves_its_question_and_its_retry_answers_it() -> None:
    async with running() as here:
        await publish(here, FAILING)
        run_id = await start(here, "failing", "0")
        view = await here.runs.wait(run_id, 20)
        assert view is not None
        assert view.status == "failed"
        await publish(
            here, {**FAILING, "nodes": [{**FAILING["nodes"][1], "config": {"answer": "ok"}}]}
        )
        retried = await here.runs.retry(run_id, from_node="hurt", version="newest")
        assert (await here.runs.wait(retried, 20)).status == "succeeded"  # type: ignore[union-attr]
        found = await heard(here.bus, 2)
        assert [(one.role, one.content) for one in found] == [("user", "0"), ("assistant", "ok")]
        assert found[1].reply_to == found[0].message_id


async def test_a_fork_says_nothing_and_sees_the_same() -> None:
    async with running() as here:
        await publish(here, ECHO)
        await said(here, "one")
        await heard(here.bus, 2)
        view = await said(here, "two")
        await heard(here.bus, 4)
        log = await here.bus.events.read_run(view.run_id)
        forked = await here.runs.fork(view.run_id, log[0].seq)
        seen = await here.runs.wait(forked, 20)
        assert seen is not None
        assert seen.outputs == view.outputs == {"answer": "2 ann: two after 2"}
        again = await here.runs.retry(forked, from_node="words")
        assert await here.runs.wait(again, 20) is not None
        # What comes after both is the next there is.
        await said(here, "three")
        assert [text for _, text in await heard_texts(here.bus, 6)][4:] == [
            *("three", "3 ann: three after 4")
        ]


async def test_a_run_under_way_says_nothing_in_what_was_cleared_or_deleted() -> None:
    async with running() as here:
        await publish(here, SLOW)
        talk = Conversations(here.bus)
        for remove in (talk.store.clear, talk.store.delete):
            run_id = await start(here, "slow", "old")
            token = await waiting(here, run_id)
            await remove("c", "ann")
            await here.runs.answer(AnswerRequest(token=token, action="approved"))
            assert await here.runs.wait(run_id, 20) is not None
        run_id = await start(here, "slow", "new")
        await here.runs.answer(AnswerRequest(token=await waiting(here, run_id), action="approved"))
        assert [text for _, text in await heard_texts(here.bus, 2)] == ["new", "new: 0 of 1"]


async def test_somebody_elses_conversation_is_not_there() -> None:
    async with running() as here:
        await publish(here, ECHO)
        await said(here, "mine")
        await heard(here.bus, 2)
        request = RunRequest(
            workflow_id="echo", query="yours?", conversation_id="c", user_id="bob", run_id="bobs"
        )
        await here.runs.start(request)
        letter = await refusal(here.bus, "bobs", seq=0)
        while letter is None:
            letter = await refusal(here.bus, "bobs", seq=0)
        assert letter.code == "conversation.not_found"
        assert "ann" not in letter.reason
        assert len(await heard(here.bus, 2)) == 2
        assert await here.bus.events.first_event("bobs") is None


async def test_ids_of_any_script_and_texts_of_any_size_are_said_whole() -> None:
    async with running() as here:
        await publish(here, ECHO)
        name, text = "  会话/№1 👋🏽 عربى\n", "長い" * 174_762
        view = await said(here, text, name)
        assert view.outputs["answer"].endswith(f"{text} after 0")
        found = await heard(here.bus, 2, name)
        assert found[0].content == text
        # The answer is over the limit: cut, and it says so; the run has all of it.
        assert len(found[1].content.encode()) <= MAX_CONTENT
        assert found[1].metadata == {"truncated": True}
        assert view.outputs["answer"].startswith(found[1].content)


async def start(here: Stack, workflow: str, query: str) -> str:
    return await here.runs.start(
        RunRequest(workflow_id=workflow, query=query, conversation_id="c", user_id="ann")
    )

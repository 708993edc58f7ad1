"""The fold of a conversation, and what a model is shown of it."""

from __future__ import annotations

from typing import Any

from runfold.contracts.conversations import (
    AnyMessage,
    ConversationHead,
    MessageCreated,
    MessageDeleted,
    MessageEdited,
    RecordedMessage,
)
from runfold.conversations.fold import Conversation
from runfold.conversations.history import LARGEST, MOST, history


def head(change: Any, **fields: Any) -> ConversationHead:
    return ConversationHead(conversation_id="c", change=change, user_id="ann", **fields)


def said(name: str, role: Any = "user", **fields: Any) -> MessageCreated:
    return MessageCreated(
        conversation_id="c", message_id=name, role=role, **{"content": name, **fields}
    )


def edited(name: str, content: str) -> MessageEdited:
    return MessageEdited(conversation_id="c", message_id=name, content=content)


def gone(name: str) -> MessageDeleted:
    return MessageDeleted(conversation_id="c", message_id=name)


def folded(*bodies: AnyMessage | None) -> Conversation:
    """The fold of messages at sequences from 1 on; those that are None were removed."""
    conversation = Conversation()
    for seq, body in enumerate(bodies, 1):
        if body is not None:
            conversation.apply(RecordedMessage(seq, float(seq), body))
    return conversation


def texts(conversation: Conversation) -> list[str]:
    return [one.content for one in conversation.messages.values()]


def test_of_one_id_the_first_counts_also_when_it_is_deleted() -> None:
    found = folded(head("created"), said("a"), said("a", content="b"), gone("a"), said("a"))
    assert texts(found) == []
    assert texts(folded(head("created"), said("a"), said("a", content="b"))) == ["a"]


def test_nothing_is_said_where_nothing_was_begun() -> None:
    found = folded(said("a"), edited("a", "b"), gone("a"))
    assert not found.exists
    assert texts(found) == []


def test_an_edited_message_keeps_its_place() -> None:
    found = folded(head("created"), said("a"), said("b"), edited("a", "c"), edited("z", "d"))
    assert texts(found) == ["c", "b"]
    assert found.messages["a"].edited_at == 4.0
    assert found.messages["a"].stored == (2, 4)


def test_what_joined_before_a_clearing_is_void() -> None:
    begun = (head("created"), said("q", number=1, joined=1), head("cleared", since=1))
    late = said("a", "assistant", reply_to="q", joined=2)
    assert texts(folded(*begun, late, said("n", number=1, joined=3))) == ["n"]
    # What was removed from the stream meanwhile makes no difference.
    assert texts(folded(begun[0], None, begun[2], late, said("n", joined=3))) == ["n"]


def test_a_renamed_conversation_goes_on() -> None:
    found = folded(head("created"), said("a"), head("updated", name="x", created_at=1.0, since=1))
    assert texts(found) == ["a"]
    assert found.created_at == 1.0
    assert found.since == 1


def test_a_deleted_one_is_another_when_it_is_begun_again() -> None:
    found = folded(head("created"), said("a"), head("deleted"), said("b"), head("created"))
    assert found.exists
    assert texts(found) == []
    assert not folded(head("created"), head("deleted")).exists


def test_another_answer_takes_the_place_of_an_earlier_one() -> None:
    found = folded(
        head("created"),
        said("q", number=1),
        said("a", "assistant", reply_to="q"),
        said("n", number=2),
        said("b", "assistant", reply_to="q"),
    )
    assert texts(found) == ["q", "n", "b"]


def test_a_model_is_shown_whole_turns_in_the_order_of_the_questions() -> None:
    found = folded(
        head("created"),
        said("q1", number=1),
        said("q2", number=2),
        said("lost", number=3),
        said("a2", "assistant", reply_to="q2"),
        said("note", "system"),
        said("a1", "assistant", reply_to="q1"),
        said("by hand"),
    )
    messages = list(found.messages.values())
    assert [one["content"] for one in history(messages)] == [
        *("q1", "a1", "q2", "a2", "note", "by hand")
    ]
    assert [one["content"] for one in history(messages, before=6)] == ["q2", "a2"]


def test_an_answer_whose_question_is_deleted_is_still_shown() -> None:
    found = folded(
        head("created"),
        said("q", number=1),
        said("a", "assistant", reply_to="q"),
        gone("q"),
    )
    assert history(found.messages.values()) == [{"role": "assistant", "content": "a"}]


def test_a_history_ends_at_its_limits_and_never_in_a_turn() -> None:
    turns: list[AnyMessage] = []
    for number in range(1, MOST):
        turns += [
            said(f"q{number}", number=number),
            said(f"a{number}", "assistant", reply_to=f"q{number}"),
        ]
    shown = history(folded(head("created"), *turns).messages.values())
    assert len(shown) == MOST
    assert [shown[0]["content"], shown[-1]["content"]] == [f"q{MOST // 2}", f"a{MOST - 1}"]
    large = said("large", content="x" * LARGEST)
    found = folded(head("created"), said("before"), large, said("after"))
    assert [one["content"] for one in history(found.messages.values())] == ["after"]


def test_files_go_with_what_was_said() -> None:
    file = {"$file": "sha256:0"}
    found = folded(head("created"), said("a", files=(file,)), said("b", content="", files=(file,)))
    assert [one["content"] for one in history(found.messages.values())] == [["a", file], [file]]

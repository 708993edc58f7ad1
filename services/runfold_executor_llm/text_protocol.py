"""Tools for a model that has none: one JSON action a reply, in the text (ReAct). Pure.

The model is told in words which tools there are, and writes

    Thought: I have to look it up.
    Action: {"tool": "find", "arguments": {"word": "tea"}}

It is stopped at `Observation:`, where the result would stand. A line `Answer:` begins the answer;
text without any of these words is an answer too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from runfold.contracts.json_reader import read_json
from runfold.errors import Undecodable
from runfold.values.json_text import to_json
from runfold_executor_llm.answer import Answer
from runfold_executor_llm.message_forms import words_of
from runfold_executor_llm.reasoning import Piece
from runfold_executor_llm.tool_calls import RawCall, first_object
from runfold_executor_llm.tools import NONE, REQUIRED, Toolbox

STOP = ("\nObservation:",)
"""Text at which the model is stopped."""
_LINE = re.compile(
    r"[ \t]{0,4}(?P<bold>\*{1,2})?"
    r"(?P<word>thought|action input|action|observation|(?:final )?answer)"
    r"(?(bold)(?:\*{1,2}:|:\*{0,2})|:)",
    re.IGNORECASE,
)
_MARKER = 32
"""Characters in which the first word of a line is known."""
_FENCE = re.compile(r"\A```[\w-]*\s*\n?")

Part = Literal["text", "thought", "action", "input", "after"]
_PARTS: dict[str, Part] = {
    "thought": "thought",
    "action": "action",
    "action input": "input",
    "observation": "after",
    "answer": "text",
    "final answer": "text",
}
_KINDS: dict[str, Literal["text", "reasoning"]] = {"text": "text", "thought": "reasoning"}


def instructions(toolbox: Toolbox) -> str:
    """What a model is told about its tools."""
    listed = "\n".join(
        f"- {name}: {tool['description']}\n  arguments: {to_json(tool['schema'])}"
        for name, tool in toolbox.tools.items()
    )
    if toolbox.choice == NONE:
        return "No tool may be used now. Write `Answer:` and the answer."
    must = {REQUIRED: "You have to use a tool now."}.get(toolbox.choice, "")
    if toolbox.choice in toolbox.tools:
        must = f"You have to use the tool {toolbox.choice} now."
    return "\n".join(
        (
            "You can use these tools:",
            listed,
            "To use one, write one line and stop there:",
            'Action: {"tool": "<name>", "arguments": {…}}',
            "One tool a reply. You are then told its result as `Observation: …`.",
            "Thoughts stand in a line `Thought: …` before it.",
            "When you know the answer, write `Answer:` and the answer.",
            *([must] if must else []),
        )
    )


def as_text(messages: list[dict[str, Any]], toolbox: Toolbox) -> list[dict[str, Any]]:
    """A conversation with calls and results, as a model is sent it that knows none of them."""
    said = instructions(toolbox)
    first = messages[0] if messages else {}
    if first.get("role") == "system":
        messages = [{**first, "content": f"{words_of(first['content'])}\n\n{said}"}, *messages[1:]]
    else:
        messages = [{"role": "system", "content": said}, *messages]
    found: list[dict[str, Any]] = []
    for message in messages:
        plain = _plain(message)
        last = found[-1] if found else {}
        # Some of these models take no two messages of one side in a row.
        if last.get("role") == plain["role"] and _are_texts(last, plain):
            found[-1] = {**last, "content": f"{last['content']}\n\n{plain['content']}"}
        else:
            found.append(plain)
    return found


class ProtocolReader:
    """Divides a reply that arrives in pieces: what is shown, and the action.

    The result does not depend on where the text is cut.
    """

    def __init__(self) -> None:
        self._pending = ""
        """The beginning of a line whose first word is not known yet."""
        self._part: Part = "text"
        self._is_line_start = True
        self._is_answer = False
        """Whether the word that begins the answer has come: all that follows is the answer."""
        self._shown: dict[str, list[str]] = {"text": [], "reasoning": []}
        self._held = ""
        """Space that is shown only when something comes after it."""
        self._action: list[str] = []
        self._input: list[str] = []

    def feed(self, text: str) -> Iterator[Piece]:
        """Add text, and return what can be shown now."""
        self._pending += text
        while self._pending:
            if self._is_line_start and not self._is_answer and _may_grow(self._pending):
                return
            yield from self._step()

    def finish(self) -> Iterator[Piece]:
        """Return what was held back, once no more will come."""
        while self._pending:
            yield from self._step()

    @property
    def text(self) -> str:
        """The answer, or what was said beside the action."""
        return "".join(self._shown["text"]) or ("" if self.calls() else self._action_text())

    @property
    def reasoning(self) -> str:
        """The thoughts."""
        return "".join(self._shown["reasoning"])

    def calls(self) -> list[RawCall]:
        """The action; none when the reply is an answer."""
        action = self._action_text()
        given = "".join(self._input).strip()
        if given:
            return [RawCall("", action.strip("`\"' "), _json_in(given), {})]
        inner = _json_in(action)
        return [_call(inner)] if inner.startswith("{") else []

    def _action_text(self) -> str:
        return "".join(self._action).strip()

    def _step(self) -> Iterator[Piece]:
        """Take one line, or the rest of it that is there."""
        if self._is_line_start and not self._is_answer and (found := _LINE.match(self._pending)):
            word = found["word"].lower()
            self._turn_to(_PARTS[word], word)
            self._pending = self._pending[found.end() :]
            self._is_line_start = False
            return
        line, end, self._pending = self._pending.partition("\n")
        self._is_line_start = bool(end)
        yield from self._take(line + end)

    def _turn_to(self, part: Part, word: str) -> None:
        """Go on to the part that a word begins."""
        if self._part == "after" or (self._action_text() and part != "input"):
            part = "after"  # what it makes up of the result, and of what follows
        elif part == "input" and not self._action_text():
            part = "text"
        self._is_answer = part == "text" and word.endswith("answer")
        self._part = part
        self._held = "\n" if self._shown.get(_KINDS.get(part, "")) else ""

    def _take(self, text: str) -> Iterator[Piece]:
        match self._part:
            case "action":
                self._action.append(text)
            case "input":
                self._input.append(text)
            case "after":
                return
            case part:
                kind = _KINDS[part]
                kept = f"{self._held}{text}".rstrip()
                self._held = f"{self._held}{text}"[len(kept) :]
                if not self._shown[kind]:
                    kept = kept.lstrip()
                if kept:
                    self._shown[kind].append(kept)
                    yield Piece(kind, kept)


def _may_grow(line: str) -> bool:
    """Whether the beginning of a line may be that of a word which is not known yet."""
    if len(line) >= _MARKER or "\n" in line:
        return False
    found = _LINE.match(line)
    if found is not None:
        return found.end() == len(line)
    begun = line.lstrip(" \t*").lower()
    return any(word.startswith(begun) or begun.rstrip("*") == word for word in _PARTS)


def read(answer: Answer) -> Answer:
    """An answer whose text keeps to the protocol."""
    reader = ProtocolReader()
    for _ in (*reader.feed(answer.text), *reader.finish()):
        pass
    calls, text, thought = tuple(reader.calls()), reader.text, reader.reasoning
    if not calls and not text:
        text, thought = thought or answer.text, ""  # all that it said is all there is to take
    reasoning = "\n".join(part for part in (answer.reasoning, thought) if part)
    return msgspec.structs.replace(answer, text=text, reasoning=reasoning, calls=calls)


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    match message["role"]:
        case "tool":
            return {"role": "user", "content": f"Observation: {words_of(content)}"}
        case "assistant" if message.get("tool_calls"):
            actions = [
                to_json({"tool": one["name"], "arguments": read_json(one["arguments"])})
                for one in (call["function"] for call in message["tool_calls"])
            ]
            lines = [words_of(content), *(f"Action: {action}" for action in actions)]
            return {"role": "assistant", "content": "\n".join(line for line in lines if line)}
        case _:
            return {key: value for key, value in message.items() if key != "reasoning_content"}


def _are_texts(*messages: dict[str, Any]) -> bool:
    return all(isinstance(message.get("content"), str) for message in messages)


def _json_in(text: str) -> str:
    """The JSON of an action, without the code block around it and what follows it."""
    begun = _FENCE.match(text)
    return first_object(text[begun.end() :].rstrip("`\n ") if begun else text)


def _call(action: str) -> RawCall:
    """The call in an action; what is not one has no name, and says so by that."""
    try:
        value = read_json(action)
    except Undecodable:
        return RawCall("", "", action, {})
    if not isinstance(value, dict):
        return RawCall("", "", action, {})
    name = next((one for key in ("tool", "name", "action") if (one := value.get(key))), "")
    keys = ("arguments", "parameters", "input", "action_input")
    arguments: Any = next((value[key] for key in keys if key in value), {})
    return RawCall("", name if isinstance(name, str) else "", to_json(arguments), {})

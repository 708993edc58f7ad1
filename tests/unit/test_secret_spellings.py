"""Secrets are masked in every spelling, and what is no secret stays as it is."""

from __future__ import annotations

import asyncio
import base64
import html
import json
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import msgspec
import pytest

from runfold.contracts.secrecy import KEEPER, conceal, masked
from runfold.errors import Failure
from runfold.executor.conformance import run_node
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.executor.redaction import Redaction, _present
from runfold.executor.spellings import LINES_IN_FULL, MOST_LINES, spellings_of
from runfold.graph.kinds import Kind
from runfold.isolated.pool import Threads
from runfold.settings import Settings

SECRET = "pä ss/W+rd'\"<&>\\Z=9"
WEBHOOK = "https://Hooks.example/services/T0001234/B0005678/abcDEF123456?token=q7w8e9r0t1"
KEY = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq/+8=\nshort\nhkiG9w0BAQEFAASCBKcw\n-----END KEY-----"


def knows(*values: str) -> Redaction:
    redaction = Redaction()
    for value in values:
        redaction.remember(value)
    return redaction


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPELLINGS = {
    "plain": SECRET,
    "lower": SECRET.lower(),
    "upper": SECRET.upper(),
    "quoted": quote(SECRET, safe=""),
    "quoted, / kept": quote(SECRET),
    "quoted in lower case": quote(SECRET, safe="").lower(),
    "quoted as JavaScript does": quote(SECRET, safe="!'()*"),
    "quoted twice": quote(quote(SECRET, safe=""), safe=""),
    "plus": quote_plus(SECRET),
    "form": urlencode({"a": SECRET})[2:],
    "base64": encoded(SECRET),
    "base64 unpadded": encoded(SECRET).rstrip("="),
    "base64 for URLs": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "JSON": json.dumps(SECRET)[1:-1],
    "JSON in Unicode": json.dumps(SECRET, ensure_ascii=False)[1:-1],
    "JSON with slashes": json.dumps(SECRET)[1:-1].replace("/", "\\/"),
    "JSON in JSON": json.dumps(json.dumps(SECRET))[3:-3],
    "all escaped": "".join(f"\\u{ord(one):04X}" for one in SECRET),
    "HTML": html.escape(SECRET),
    "HTML without quotes": html.escape(SECRET, quote=False),
    "HTML with numbers": html.escape(SECRET).replace("&#x27;", "&#39;"),
    "repr": repr(SECRET)[1:-1],
    "ascii": ascii(SECRET)[1:-1],
    "repr of bytes": repr(SECRET.encode())[2:-1],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_each_spelling_is_masked(name: str) -> None:
    assert knows(SECRET).text(f"a {SPELLINGS[name]} z") == "a *** z"


@pytest.mark.parametrize("before", ["", "u", "us", "use", "user:"])
@pytest.mark.parametrize("after", ["", "x", "yz", "123"])
def test_base64_of_a_longer_text_hides_the_secret_at_each_place(before: str, after: str) -> None:
    secret = "tok-SECRETVALUE-123"
    shown = knows(secret).text(encoded(f"{before}{secret}{after}"))
    assert "***" in shown
    # What is left are the neighbours, and at most the bits that share a character with them.
    assert len(shown) - len("***") <= len(encoded(before)) + len(encoded(after)) + 4


def test_lines_of_a_secret_are_masked_one_by_one_and_joined() -> None:
    redaction = knows(KEY)
    for text in (KEY, " ".join(KEY.split()), KEY.replace("\n", "\r\n"), KEY.replace("\n", "")):
        assert redaction.text(text) == "***"
    assert redaction.text("at MIIEvQIBADANBgkq/+8= it") == "at *** it"
    assert redaction.text("short") == "short"
    assert redaction.text("-----BEGIN KEY-----") == "-----BEGIN KEY-----"


def test_the_secret_parts_of_a_url_are_masked() -> None:
    redaction = knows(WEBHOOK)
    assert redaction.text(f"POST {WEBHOOK.lower()}: no") == "POST ***: no"
    for part in ("/services/T0001234/B0005678/abcDEF123456", "abcDEF123456", "q7w8e9r0t1"):
        assert redaction.text(f"<{part}>") == "<***>"
    assert redaction.text("hooks.example/services") == "hooks.example/services"


def test_numbers_are_masked_when_they_are_the_secret() -> None:
    redaction = knows("0048151623")
    assert redaction.json([48151623, 48151623.0, 481516230, 2, True]) == [
        *("***", "***"),
        *(481516230, 2, True),
    ]


def test_short_secrets_are_taken_as_written_and_shorter_ones_not_at_all() -> None:
    redaction = knows("Blue", "abc", "1")
    assert redaction.json(["Blue", "blue", "abc", 1]) == ["***", "blue", "abc", 1]


def test_keys_details_and_overlaps_are_masked() -> None:
    redaction = knows("abcdefgh", "efghijkl")
    assert redaction.json({"x abcdefgh": {"abcdefghijkl": None}}) == {"x ***": {"***": None}}
    said = Failure(code="x", message="abcdefgh", kind="internal", details={"y": ["efghijkl"]})
    failure = redaction.failure(said)
    assert (failure.message, failure.details) == ("***", {"y": ["***"]})


def test_a_value_that_is_no_secret_is_the_same_object_without_any() -> None:
    value = {"a": [SECRET]}
    assert Redaction().json(value) is value


def test_what_is_cut_is_masked_first_and_what_is_built_is_concealed() -> None:
    redaction = knows("tok-SECRETVALUE-123")
    before = KEEPER.set(redaction)
    try:
        conceal(encoded("u:tok-SECRETVALUE-123"))
        conceal("not a secret")
        assert masked(f"Basic {encoded('u:tok-SECRETVALUE-123')}") == "Basic ***"
        assert masked("not a secret") == "not a secret"
    finally:
        KEEPER.reset(before)
    assert masked("tok-SECRETVALUE-123") == "tok-SECRETVALUE-123"


class Config(msgspec.Struct, frozen=True):
    """What the node streams."""

    pieces: list[str]


async def say(ctx: NodeContext, config: Config, _inputs: dict[str, Any]) -> Outcome:
    ctx.secret("A")
    ctx.secret("B")
    for piece in config.pieces:
        await ctx.stream(piece)
        await asyncio.sleep(0)
    return Outcome({"output": "".join(config.pieces)})


SAY = NodeExecutor(Kind(type="say", group="g", config=Config, summary="Say", streams=True), say)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 21])
async def test_pieces_never_show_a_spelling(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNFOLD_SECRET_A", SECRET)
    # One begins as the other does: the longer one must not leave its rest.
    monkeypatch.setenv("RUNFOLD_SECRET_B", SECRET + "-and-more")
    text = " | ".join([*SPELLINGS.values(), SECRET + "-and-more", SECRET[:7]])
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    result = await run_node(SAY, {"pieces": pieces}, settings=Settings())
    assert result.text() == " | ".join([*["***"] * (len(SPELLINGS) + 1), SECRET[:7]])
    assert result.outputs["output"] == result.text()


async def test_work_on_a_thread_masks_the_secrets_of_its_attempt() -> None:
    redaction = Redaction()
    redaction.remember("hunter2hunter2")
    token = KEEPER.set(redaction)
    try:
        shown = await Threads(1, "test").run(masked, "it is hunter2hunter2")
    finally:
        KEEPER.reset(token)
    assert shown == "it is ***"


@pytest.mark.parametrize("secret", ["0007", "0000", "007.0"])
def test_a_number_of_few_digits_is_never_masked(secret: str) -> None:
    value = {"a": [7, 7.0, 0, 700]}
    assert knows(secret).json(value) == value


def test_a_secret_of_very_many_lines_has_a_bounded_number_of_spellings() -> None:
    lines = [f"line {at} {at * 2654435761:x}" for at in range(3000)]
    exact, folded = spellings_of("\n".join(lines))
    assert len(exact) + len(folded) < MOST_LINES + 40 * LINES_IN_FULL
    longest = sorted(lines, key=lambda line: (-len(line), line))
    redaction = knows("\n".join(lines))
    shown = redaction.json([quote(longest[0]), *longest[:MOST_LINES], longest[-1]])
    assert shown == ["***"] * (MOST_LINES + 1) + [longest[-1]]


def test_a_value_is_searched_once_for_what_none_of_its_texts_has() -> None:
    value = {"rows": [{"id": "MIIEvQIBADAN", "x": ["a", "b"]}] * 3}
    assert knows(KEY).json(value) == value
    assert _present(value, spellings_of(KEY)) == ((), ())
    value["rows"][1] = {"id": "hkiG9w0BAQEFAASCBKcw", "x": []}
    assert knows(KEY).json(value)["rows"][1] == {"id": "***", "x": []}

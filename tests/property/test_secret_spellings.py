"""A secret, in any spelling and cut anywhere, never shows."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from hypothesis import given
from hypothesis import strategies as st

from runfold.executor.redaction import Redaction

SPELL: list[Callable[[str], str]] = [
    str,
    lambda text: quote(text, safe=""),
    quote,
    quote_plus,
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    lambda text: text.encode().hex(),
    lambda text: text.encode().hex().upper(),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    html.escape,
    lambda text: repr(text)[1:-1],
]
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=8, max_size=40)


@given(
    secret=TEXTS.filter(lambda text: "*" not in text),
    spell=st.sampled_from(SPELL),
    sizes=st.lists(st.integers(1, 9), min_size=1),
)
def test_a_spelling_cut_anywhere_never_shows(
    secret: str, spell: Callable[[str], str], sizes: list[int]
) -> None:
    redaction = Redaction()
    redaction.remember(secret)
    written = spell(secret)
    text = f"~{written}~"
    sent, kept, at, turn = "", "", 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        kept += text[at : at + size]
        at, turn = at + size, turn + 1
        held = redaction.held_back(kept)
        sent += redaction.text(kept[: len(kept) - held])
        kept = kept[len(kept) - held :]
    sent += redaction.text(kept)
    assert written not in sent
    assert "***" in sent

"""The fields the demo model takes out of a text: those that are written there, and no others."""

from __future__ import annotations

import json

import pytest

from runfold.model_servers.demo.text import answer

FIELDS = {
    "name": {"type": ["string", "null"]},
    "size": {"type": ["integer", "null"]},
    "zip_code": {"type": ["string", "null"]},
    "drink": {"enum": ["tea", "coffee", None]},
}


def taken(text: str, *names: str) -> dict:
    properties = {name: FIELDS[name] for name in names or FIELDS}
    form = {"type": "json_schema", "json_schema": {"schema": {"properties": properties}}}
    return json.loads(answer([{"role": "user", "content": text}], form))


def test_what_is_written_is_taken_and_all_else_is_null() -> None:
    said = taken("My name is Ann, size: 4. My zip code = 10115; DRINK: tea")
    assert said == {"name": "Ann", "size": 4, "zip_code": "10115", "drink": "tea"}
    assert taken("No thanks.") == dict.fromkeys(FIELDS)
    assert taken("size: large, drink: milk") == dict.fromkeys(FIELDS)


@pytest.mark.parametrize(("text", "size"), [("4", 4), ("four", None), ("size: 5", 5), ("", None)])
def test_a_short_text_is_the_one_field_that_is_asked_for(text: str, size: int | None) -> None:
    assert taken(text, "size") == {"size": size}

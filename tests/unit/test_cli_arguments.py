"""Arguments of the command: UTF-8 or refused, JSON read strictly, inputs as they are declared."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from runfold.cli.arguments import check_arguments, json_or_text
from runfold.cli.main import app, main
from runfold.cli.source import parse_inputs
from runfold.errors import InvalidInputs
from runfold.graph.loader import prepare

LATIN_1 = b"caf\xe9".decode("utf-8", "surrogateescape")
"""As Python hands over an argument that is not UTF-8."""

WORKFLOW = prepare(
    {
        "id": "typed",
        "inputs": {
            **{
                name: name
                for name in ("integer", "number", "boolean", "string", "object", "array", "any")
            },
        },
        "nodes": [{"id": "end", "type": "end"}],
    }
)[0]


def options_of_all_commands() -> Iterator[tuple[str, ...]]:
    def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for parameter in command.params:
            if getattr(parameter, "is_flag", False):
                continue
            for name in (*parameter.opts, ""):
                if name.startswith("-"):
                    yield (*path, f"{name}={LATIN_1}")
                yield (*path, *([name] if name.startswith("-") else []), f"x={LATIN_1}")
        for name, inner in getattr(command, "commands", {}).items():
            yield from walk(inner, (*path, name))

    yield from walk(typer.main.get_command(app), ())


@pytest.mark.parametrize("arguments", sorted(set(options_of_all_commands())), ids=ascii)
def test_arguments_that_are_not_utf_8_are_refused_in_one_line(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["runfold", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert "is not UTF-8" in err
    assert err.count("\n") == 1
    err.encode()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "f", "-i", f"s={LATIN_1}"], "input s is not UTF-8: byte 6"),
        (["run", "f", "--input", f"s=é{LATIN_1}"], "input s is not UTF-8: byte 8"),
        (["run", "f", f"--input=s={LATIN_1}"], "input s is not UTF-8"),
        (["run", "f", "--inputs-json", LATIN_1], "--inputs-json is not UTF-8"),
        (["run", LATIN_1], "an argument is not UTF-8"),
        (["cancel", "r", f"--reason={LATIN_1}"], "--reason is not UTF-8"),
        (["run", "f", f"--{LATIN_1}"], "an argument is not UTF-8"),
        (["run", "f", "-i", f"{LATIN_1}=x"], "-i is not UTF-8"),
    ],
)
def test_what_is_wrong_is_named(arguments: list[str], named: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        check_arguments(arguments)
    assert str(refused.value).startswith(named)


def test_all_that_is_utf_8_passes() -> None:
    check_arguments(["run", "é.yaml", "-i", "s=😀\ufffd\0", "--", "-"])


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("integer=7", 7),
        ("integer=9007199254740993", 9007199254740993),
        ("number=1e3", 1000.0),
        ("string=1e400", "1e400"),
        ('object={"b": 1, "a": "\\ud83d\\ude00"}', {"b": 1, "a": "😀"}),
        ("array=[1, 2]", [1, 2]),
        ("any=7", 7),
        ("any=NaN to bread", "NaN to bread"),
        ("any={not json", "{not json"),
        ("any=[draft] tea", "[draft] tea"),
        ('any="quoted"', '"quoted"'),
        ("undeclared=[1]", [1]),
        ("any=", ""),
    ],
)
def test_inputs_are_as_they_are_declared(given: str, value: Any) -> None:
    ((_, found),) = parse_inputs(WORKFLOW, [given], "").items()
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("integer=nan", "input integer"),
        ("number=1e400", "input number"),
        ("number=Infinity", "input number"),
        ('object={"k": "x\\ud83d"}', "half a character"),
        ('object={"k": NaN}', "NaN"),
        ("object=[1]", "array is not usable as object"),
        ('object="{}"', "string is not usable as object"),
        ("array=[1e400]", "1e400"),
        ("any=NaN", "NaN"),
        ("any=-Infinity", "-Infinity"),
        ("any=1e400", "1e400"),
        ('any={"k": NaN}', "NaN"),
        ('any=["\\udc00"]', "half a character"),
        ("any=" + "[" * 200 + "]" * 200, "200 deep"),
        ("any", "name=value"),
    ],
)
def test_inputs_that_are_refused_are_named(given: str, named: str) -> None:
    with pytest.raises(InvalidInputs) as refused:
        parse_inputs(WORKFLOW, [given], "")
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("given", ["{", "[1]", '{"a": NaN}', '{"a": "\\ud800"}', "[" * 10_000])
def test_all_inputs_as_json(given: str) -> None:
    with pytest.raises(InvalidInputs, match=r"^--inputs-json"):
        parse_inputs(WORKFLOW, [], given)
    assert parse_inputs(WORKFLOW, [], '{"b": 1, "a": 2}') == {"b": 1, "a": 2}


def test_a_payload_is_json_or_text() -> None:
    assert json_or_text("the payload", '{"a": 1}') == {"a": 1}
    assert json_or_text("the payload", "plain") == "plain"
    with pytest.raises(InvalidInputs, match=r"^the payload: 1e400"):
        json_or_text("the payload", "1e400")

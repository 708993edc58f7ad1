"""Expressions as parameters have them → JavaScript, without running any."""

from __future__ import annotations

import pytest

from runfold_executor_code.items.rewriting import Invalid
from runfold_executor_code.items.splitting import parts_of
from runfold_executor_code.items.zones import zones_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("",)),
        ("plain", ("plain",)),
        ("{{ a }}", (("a",),)),
        (" {{ a }}", (" ", ("a",))),
        ("x {{ a }} y {{ b", ("x ", ("a",), " y ", ("b",))),
        (r"x \{{ y }}", (r"x \{{ y }}",)),
        (r"{{ 'a\}}b' }}", (("'a}}b'",),)),
        ("{{ a; b }}", (("a",),)),
        ("{{ a.b }}{{ c }}", (("a.b",), ("c",))),
        (r"C:\\{{ a }}", ("C:\\", ("a",))),
    ],
)
def test_a_text_is_what_stands_there_and_what_is_evaluated(
    text: str, parts: tuple[str | tuple[str], ...]
) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("code", "javascript"),
    [
        ("$json.tags.first()", '__extend($json.tags,"first",[])'),
        ("a.first().last()", '__extend(__extend(a,"first",[]),"last",[])'),
        ("a[0](b).sum() + 1", '__extend(a[0](b),"sum",[]) + 1'),
        ("(a ?? b).keys()", '__extend((a ?? b),"keys",[])'),
        ("new Date().format('x')", "__extend(new Date(),\"format\",['x'])"),
        ("'a.first()'.length", "'a.first()'.length"),
        ("`${a.first()}.last()`", '`${__extend(a,"first",[])}.last()`'),
        ("a.map(x => x.toInt())", 'a.map(x => __extend(x,"toInt",[]))'),
        ("a?.first()", "a?.__x_first()"),
        ("a?.b.first()", "a?.b.__x_first()"),
        ("a.first?.()", "a.__x_first?.()"),
        ("a.first", "a.first"),
        ("{first: 1}", "{first: 1}"),
        ("-a.toNumber() * 2", '-__extend(a,"toNumber",[]) * 2'),
        ("a / b.sum() / c", 'a / __extend(b,"sum",[]) / c'),
        ("/[/'].first()/.test(a)", "/[/'].first()/.test(a)"),
        ("typeof a.first()", 'typeof __extend(a,"first",[])'),
        ("$if(a, b)", "((a)?( b):false)"),
        ("$if(a(1, 2), [3, 4], {x: 5})", "((a(1, 2))?( [3, 4]):( {x: 5}))"),
        ("$if(a, b, c,)", "((a)?( b):( c))"),
        ("x.$if(a)", "x.$if(a)"),
    ],
)
def test_methods_that_n8n_adds_are_called_by_name(code: str, javascript: str) -> None:
    assert parts_of("{{" + code + " }}") == ((javascript,),)


@pytest.mark.parametrize("code", ["", "  ", "(a", "a)", "'a", "`a", "`${a`", "[a}", "$if(a)"])
def test_what_is_not_an_expression_is_refused(code: str) -> None:
    with pytest.raises(Invalid):
        parts_of("{{" + code + "}}")


def test_nested_braces_and_slashes_take_no_time() -> None:
    # A search that began anew at each of them would not end.
    with pytest.raises(Invalid):
        parts_of("{{" + "(" * 50_000 + "}}")
    assert parts_of("{{ a " + "/ b" * 20_000 + " }}")


def test_zones_that_are_named_come_with_their_changes() -> None:
    zones = zones_in("setZone('Europe/Berlin') or Mars/Base, a/b", also="America/New_York")
    assert list(zones) == ["America/New_York", "Europe/Berlin"]
    table = zones["Europe/Berlin"]
    # 31 March 2024, 01:00 UTC: two hours east from then on, in summer time.
    assert (1_711_846_800_000, 120, 1) in table
    assert (1_729_990_800_000, 60, 0) in table
    assert list(table) == sorted(table)

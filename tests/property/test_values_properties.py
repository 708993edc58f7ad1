"""What holds of values whatever they are."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runfold.errors import ReferenceMissing, RunfoldError
from runfold.values.conditions import condition_findings, evaluate
from runfold.values.operators import MISSING, OPERATORS
from runfold.values.paths import parse_ref, spelled
from runfold.values.references import Lookup, Ref, lookup_in, prune, references_in, resolve
from runfold.values.templates import render, template_findings

NAMES = st.sampled_from(["a", "b", "output", "node_1", "first name", "it's", "节点"])
TEXT = st.text(max_size=6)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXT, inner, max_size=3),
    max_leaves=6,
)
ROOTS = st.sampled_from(["a", "b", "node_1", "节点"])
STEPS = NAMES | st.integers(min_value=-3, max_value=3)
REFS = st.builds(lambda root, path: Ref(root, tuple(path)), ROOTS, st.lists(STEPS, max_size=3))
VALUES = st.dictionaries(ROOTS, JSON, max_size=4)


@given(REFS)
def test_a_spelled_reference_reads_back(ref: Ref) -> None:
    again = parse_ref(spelled(ref.root, ref.path))
    assert (again.root, again.path) == (ref.root, ref.path)


@given(ref=REFS, values=VALUES)
def test_rendering_one_reference_is_resolving_it(ref: Ref, values: dict[str, Any]) -> None:
    written = f"{{{{{spelled(ref.root, ref.path)}}}}}"
    assert references_in(written)[0].path == ref.path
    lookup = lookup_in(values)
    try:
        expected = resolve(ref, lookup)
    except ReferenceMissing:
        expected = MISSING
    try:
        rendered = render(written, lookup)
    except ReferenceMissing:
        rendered = MISSING
    assert rendered is expected


@given(refs=st.lists(REFS, max_size=6), values=VALUES)
def test_pruned_values_resolve_as_all_values_do(refs: list[Ref], values: dict[str, Any]) -> None:
    pruned = lookup_in(prune(refs, lookup_in(values)))
    for ref in refs:
        assert outcome(ref, pruned) == outcome(ref, lookup_in(values))


def outcome(ref: Ref, lookup: Lookup) -> tuple[str, Any]:
    try:
        return "value", resolve(ref, lookup)
    except ReferenceMissing as error:
        return "missing", error.details["reference"]


@given(values=VALUES)
def test_values_in_text_are_json(values: dict[str, Any]) -> None:
    for root, value in values.items():
        if isinstance(value, dict | list):
            rendered = render(f"- {{{{{root}}}}}", lookup_in(values))
            assert json.loads(rendered.removeprefix("- ")) == value


@given(st.text().filter(lambda text: "{" not in text))
def test_text_without_braces_is_left_alone(text: str) -> None:
    assert references_in(text) == ()
    assert render(text, lookup_in({})) == text


@given(st.text(alphabet="ab.[]'\"{}%#|* \n0(),=", max_size=40))
def test_any_text_renders_or_fails_as_it_should(text: str) -> None:
    references_in({"x": text, "code": text, "condition": text}, raw=("code", "condition"))
    template_findings(text)
    with contextlib.suppress(RunfoldError):
        render(text, lookup_in({"a": {"b": 1}, "b": [1]}))


@given(left=JSON | st.just(MISSING), right=JSON | st.just(MISSING))
def test_operators_are_total(left: Any, right: Any) -> None:
    for operator in OPERATORS.values():
        assert operator(left, right) in (True, False)


CONDITIONS = st.recursive(
    st.fixed_dictionaries(
        {"operator": st.sampled_from(sorted(OPERATORS)) | JSON},
        optional={
            "left": JSON | st.sampled_from(["{{a}}", "{{a.b}}", "{{ broken", "{{a|nofilter}}"]),
            "right": JSON,
            "field": st.just({"ref": "b.output"}),
            "value": JSON,
        },
    )
    | JSON,
    lambda inner: st.dictionaries(
        st.sampled_from(["and", "or", "conditions", "logic"]), st.lists(inner, max_size=3) | JSON
    ),
    max_leaves=8,
)


@given(condition=CONDITIONS, values=VALUES)
def test_conditions_never_fail(condition: Any, values: dict[str, Any]) -> None:
    assert evaluate(condition, lookup_in(values)) in (True, False)
    assert all(isinstance(text, str) for text in condition_findings(condition))

"""A profile answers any values: with a text, a truth, or a failure that has a code."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runfold.errors import ExpressionFailed, RunfoldError
from runfold.values.conditions import evaluate
from runfold.values.paths import lookup_in
from runfold.values.profiles import PROFILES
from runfold.values.templates import AsPrinted, AsText, render, render_text

VALUES: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["1", "1.5", "true", "[1]", "v.x", "None"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
TEXTS = [
    "{{v.x}}",
    "a {{v.x}} b {{v.x.a}}{{v.gone[0]}}",
    "{% for i in v.x %}{{ i }}{% endfor %}{{ v.x|tojson }}{{ v.x|join(',') }}",
]


@pytest.mark.parametrize("profile", sorted(PROFILES))
@given(value=VALUES)
@settings(max_examples=15, deadline=None)
def test_any_value_is_written_or_refused(profile: str, value: Any) -> None:
    lookup = lookup_in({"v": {"x": value}})
    for text in TEXTS:
        for form in (AsText, AsPrinted):
            with suppress(RunfoldError):
                assert isinstance(render(form(text), lookup, profile=profile), str)
        with suppress(RunfoldError):
            assert isinstance(render_text(text, lookup, profile=profile, form="answer"), str)


@pytest.mark.parametrize("profile", sorted(PROFILES))
@given(left=VALUES, right=VALUES)
@settings(max_examples=15, deadline=None)
def test_any_values_are_compared_or_refused(profile: str, left: Any, right: Any) -> None:
    lookup = lookup_in({"v": {"x": left, "y": right}})
    for operator in PROFILES[profile].operators:
        for written in (right, "{{v.y}}", "{{v.gone}}"):
            condition = {"left": "{{v.x}}", "operator": operator, "right": written}
            with suppress(ExpressionFailed):
                assert isinstance(evaluate(condition, lookup, profile), bool)

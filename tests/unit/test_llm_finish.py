"""Which finish reasons mean that an answer is whole."""

from __future__ import annotations

import pytest

from runfold_executor_llm.finish import ending_of, plain


@pytest.mark.parametrize(
    ("reason", "ending"),
    [
        ("stop", "whole"),
        ("STOP", "whole"),
        ("FinishReason.STOP", "whole"),
        ("FINISH_REASON_STOP", "whole"),
        ("tool_calls", "whole"),
        ("function_call", "whole"),
        ("eos", "whole"),
        ("eos_token", "whole"),
        ("end_turn", "whole"),
        ("end", "whole"),
        ("COMPLETE", "whole"),
        ("length", "length"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("content_filter", "filtered"),
        ("sensitive", "filtered"),
        ("SAFETY", "filtered"),
        ("refusal", "declined"),
        ("error", "broken"),
        ("network_error", "broken"),
        ("insufficient_system_resource", "broken"),
        ("abort", "broken"),
        ("repetition", "broken"),
        ("something_new", "unknown"),
    ],
)
def test_how_an_answer_ended(reason: str, ending: str) -> None:
    assert ending_of(plain(reason)) == ending


@pytest.mark.parametrize("reason", [None, "", "null", "None", " ", 3, ["stop"]])
def test_no_reason(reason: object) -> None:
    assert plain(reason) == ""


def test_further_reasons_of_a_setting() -> None:
    assert ending_of("something_new", ["Something_New"]) == "whole"
    assert ending_of("error", ["error"]) == "whole"

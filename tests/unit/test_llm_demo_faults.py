"""The demo models that fail do so in a way that tests can rely on."""

from __future__ import annotations

from runfold.model_servers.demo.faults import FAILS, FLAKY, REMEMBERED, UNAVAILABLE, Faults

TEA = [{"role": "user", "content": "tea"}]
JAM = [{"role": "user", "content": "jam"}]


def test_flaky_fails_twice_then_answers_and_counts_anew() -> None:
    faults = Faults()
    for _ in range(3):
        said = [faults.refusal(FLAKY, TEA) for _ in range(FAILS + 1)]
        assert [bool(one) for one in said] == [True, True, False]
        assert "this was time 2" in said[1]


def test_each_question_and_each_user_is_counted_alone() -> None:
    faults = Faults()
    assert faults.refusal(FLAKY, TEA)
    assert faults.refusal(FLAKY, TEA)
    assert faults.refusal(FLAKY, JAM)
    assert faults.refusal(FLAKY, TEA, "ada")
    assert not faults.refusal(FLAKY, TEA)


def test_unavailable_never_answers_and_every_other_does() -> None:
    faults = Faults()
    assert all(faults.refusal(UNAVAILABLE, TEA) for _ in range(5))
    assert not any(faults.refusal("gpt-4o", TEA) for _ in range(5))


def test_what_is_remembered_is_bounded() -> None:
    faults = Faults()
    for number in range(3 * REMEMBERED):
        assert faults.refusal(FLAKY, TEA, str(number))
    assert len(faults._failed) <= REMEMBERED + 1

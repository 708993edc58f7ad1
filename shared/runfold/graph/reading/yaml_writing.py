"""YAML that `yaml_text` reads as the same value."""

from __future__ import annotations

import re
from typing import Any

import yaml

from runfold.graph.reading.yaml_text import PLAIN

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc]  # which of the two is known when it runs
    """Quotes what YAML 1.1 or `yaml_text` would read as something else than text."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


for _tag, (_pattern, _starts) in PLAIN.items():
    _Dumper.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), [*_starts, ""])


def _text(dumper: Any, text: str) -> Any:
    style = "|" if "\n" in text and not _AWKWARD.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_AWKWARD = re.compile(r"[^\n -~\u00a1-\ud7ff\ue000-\ufefe]|^\s|\s\n|\s\Z")
_Dumper.add_representer(str, _text)


def yaml_of(value: Any) -> str:
    """A JSON value as YAML, keys in their order, text of several lines as a block."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100))

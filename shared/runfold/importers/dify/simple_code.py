"""The tool that runs a program which is one of its settings: what it prints is its text."""

from __future__ import annotations

from typing import Any

from runfold.values.python_modules import sandbox_lacks
from runfold.values.template_scan import is_template

SIMPLE_CODE = ("code", "simple_code")
"""Provider and tool."""
_PYTHON = (
    """_said = []
def print(*values, sep=" ", end="\\n", **_rest):
    _said.append((" " if sep is None else sep).join(str(one) for one in values))
    _said.append("\\n" if end is None else end)
""",
    """
def main():
    return {"text": "".join(_said), "json": [], "files": []}
""",
)
"""What stands before and behind a program, so that what it prints is its result."""
_JAVASCRIPT = (
    """const _said = [];
const _shown = (one) => typeof one === "object" ? JSON.stringify(one) : String(one);
const console = {};
console.log = (...values) => { _said.push(values.map(_shown).join(" ") + "\\n"); };
console.info = console.debug = console.log;
console.warn = console.error = () => {};
""",
    """
main = () => ({text: _said.join(""), json: [], files: []});
""",
)


def simple_code(given: dict[str, Any]) -> tuple[dict[str, Any], list[str]] | None:
    """The configuration of a `code` node for the tool, and what is to be said of it.

    Args:
        given: The tool's parameters, references in them written for here.

    Returns:
        None where the program is put together in the run, or is of a language that no sandbox runs.
    """
    code, language = given.get("code"), str(given.get("language") or "python3").strip().lower()
    if not isinstance(code, str) or is_template(code):
        return None
    if language == "javascript":
        before, behind = _JAVASCRIPT
        return {"code": f"{before}{code}{behind}", "language": "javascript"}, []
    if not language.startswith("python"):
        return None
    before, behind = _PYTHON
    config: dict[str, Any] = {"code": f"{before}{code}{behind}"}
    lacks = [one.message for one in sandbox_lacks(config["code"])]
    if not lacks:
        return config, []
    asks = "it asks for `runtime: full`, which the operator turns on"
    return {**config, "runtime": "full"}, [f"{lacks[0]}: {asks}"]

"""`loop`: runs its body again and again, round after round, or for each item of a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.composites import (
    INNER,
    ITEM_NAMES,
    BodyConfig,
    body_problems,
    condition_problems,
    count_problems,
    duration_problems,
    fixed_problems,
    items_problems,
    only_body,
)
from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import INLINE, Kind, Problem, register
from runfold.ids import is_id

MODES = {
    "items": "array",
    "count": "count",
    "while": "while",
    "do_while": "do_while",
    "infinite": "infinite",
}
"""The setting that says how a loop goes on → its name for that."""
OUTPUTS = ("output", "count", "failed_count", "last", "reason", "status", "error")
"""What `{{loop.…}}` reads beside the loop's variables."""
CONDITIONS = ("while", "do_while", "break_when")
"""Settings that are conditions."""
UNBOUNDED = ("while", "do_while", "infinite")
"""Ways to go on that need `max_iterations`."""


class LoopConfig(BodyConfig, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Configuration of a `loop` node: one of `items`, `count`, `while`, `do_while`, `infinite`.

    Inside, `{{index}}` is the round's number from 0, `{{item}}` the item if there are `items`, and
    each loop variable has its name. `break` ends the loop, `continue` the round.
    """

    items: Any = None
    """A round for each: a list, a reference to one, or the bare name of one; or lists by name, gone
    through in step as far as the shortest goes: an item is an object."""
    count: Any = None
    """So many rounds."""
    while_: Any = msgspec.field(default=None, name="while")
    """A round as long as this holds before it."""
    do_while: Any = None
    """Another round as long as this holds after one."""
    infinite: bool = False
    """Rounds until `break`, `break_when` or `max_iterations`."""
    variables: dict[str, Any] = msgspec.field(default_factory=dict)
    """Loop variables and what they begin as; `assign` changes them, they are outputs in the end."""
    break_when: Any = None
    """Ends the loop after a round in which this holds."""
    max_iterations: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most rounds; needed unless `items` or `count` bound them."""
    delay: Any = 0
    """Pause between rounds: seconds, or text such as `"30s"`."""
    keep: Literal["all", "last"] | None = None
    """Whether `output` is the list of all results or the last; by default all where rounds are
    bounded by `items` or `count`, else the last."""
    concurrency: Any = 1
    """With `items`: how many under way at a time."""
    on_item_error: Literal["terminate", "continue", "drop"] = "terminate"
    """A failed round ends the loop, leaves null in its place, or leaves no place."""
    max_items: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """More items than this fail the loop before any runs."""
    item_timeout: Any = None
    """Longest time of one round."""
    FORM: ClassVar[Forms] = {
        "items": Form("reference", ("{{records}}", [1, 2, 3])),
        "count": Form("number", (3,)),
        "while": Form("condition", ({"left": "{{index}}", "operator": "<", "right": 3},)),
        "do_while": Form("condition", ({"left": "{{index}}", "operator": "<", "right": 3},)),
        "infinite": Form("boolean"),
        "variables": Form("key_values", ({"total": 0},)),
        "break_when": Form("condition", ({"left": "{{index}}", "operator": ">=", "right": 3},)),
        "max_iterations": Form("number", (100,), group="limits"),
        "delay": Form("duration", ("30s",), group="limits"),
        "keep": Form("choice", group="more"),
        "concurrency": Form("number", (1,), group="limits"),
        "on_item_error": Form("choice", group="errors"),
        "max_items": Form("number", (1000,), group="limits"),
        "item_timeout": Form("duration", ("30s",), group="limits"),
    }


def mode_of(config: dict[str, Any]) -> str:
    """How a loop goes on: `array`, `count`, `while`, `do_while` or `infinite`."""
    return next((mode for key, mode in MODES.items() if _is_set(config.get(key))), "array")


def _is_set(value: Any) -> bool:
    return value is not None and value is not False


def keeps_all(config: dict[str, Any]) -> bool:
    """Whether the results of all rounds are kept."""
    keep = config.get("keep")
    return keep == "all" if keep else mode_of(config) not in UNBOUNDED


def _is_sequential(config: dict[str, Any]) -> bool:
    return mode_of(config) != "array" or str(config.get("concurrency", 1)) == "1"


def _provides(config: dict[str, Any]) -> frozenset[str]:
    variables = config.get("variables")
    names = variables if isinstance(variables, dict) else {}
    return frozenset((*(ITEM_NAMES if "items" in config else ("index",)), *names))


_FIXED = ("infinite", "max_iterations", "keep", "on_item_error", "max_items")


def _rules(config: dict[str, Any]) -> Iterator[Problem]:
    yield from body_problems(config)
    yield from items_problems(config)
    yield from count_problems(config, "concurrency")
    yield from count_problems(config, "count", least=0)
    yield from fixed_problems(config, *_FIXED)
    yield from duration_problems(config, "delay", "item_timeout")
    yield from condition_problems(config, *CONDITIONS)
    ways = [key for key in MODES if _is_set(config.get(key))]
    if not ways:
        message = f"a loop needs one of {', '.join(MODES)}"
        yield Problem("items", message, "config.missing")
    for second in ways[1:]:
        yield Problem(second, f"a loop has {ways[0]!r} or {second!r}, not both")
    if ways and MODES[ways[0]] in UNBOUNDED and config.get("max_iterations") is None:
        message = f"a loop with {ways[0]!r} needs max_iterations: nothing else surely ends it"
        yield Problem("max_iterations", message, "loop.unbounded")
    if ways and ways[0] != "items" and config.get("concurrency", 1) not in (1, "1"):
        yield Problem("concurrency", "rounds follow one another: only items may run side by side")
    yield from _variable_problems(config)


def _variable_problems(config: dict[str, Any]) -> Iterator[Problem]:
    variables = config.get("variables")
    for name in variables if isinstance(variables, dict) else ():
        if not is_id(name) or name in ITEM_NAMES or name in OUTPUTS:
            yield Problem("variables", f"a loop variable cannot be called {name!r}")


def _outputs(config: dict[str, Any]) -> dict[str, str]:
    variables = config.get("variables")
    names = variables if isinstance(variables, dict) else {}
    return dict.fromkeys((*names, *OUTPUTS), "any")


KIND = register(
    Kind(
        type="loop",
        group=INLINE,
        config=LoopConfig,
        summary="Run a body again and again, or for each item of a list",
        raw=("while", "do_while", "break_when"),
        rules=_rules,
        declared=_outputs,
        bodies=only_body,
        provides=_provides,
        inner=(*INNER, "while", "do_while", "break_when"),
        sequential=_is_sequential,
        hints=Hints(
            category="flow",
            fixed=_FIXED,
            output_types={
                "output": "any",
                "count": "integer",
                "failed_count": "integer",
                "last": "any",
                "reason": "string",
            },
            outputs_from=("variables",),
            body_places=("",),
            provides_from=("items", "variables"),
        ),
    )
)

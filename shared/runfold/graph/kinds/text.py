"""`text`: one operation on text."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from runfold.graph.kinds.hints import Form, Forms, Hints
from runfold.graph.kinds.registry import Kind, register

Operation = Literal[
    "concat",
    "split",
    "replace",
    "regex",
    "upper",
    "lower",
    "title",
    "trim",
    "truncate",
    "length",
    "lines",
    "contains",
]


class TextConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Configuration of a `text` node. Which fields count depends on the operation."""

    operation: Operation
    """What is done with the text."""
    input: Any = ""
    """The text; for `concat` also a list."""
    inputs: list[Any] = []
    """`concat`: the pieces."""
    separator: str | None = None
    """`concat`: put between, default nothing. `split`: cut at, default any white space."""
    limit: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """`split`: most pieces. `truncate`: most characters. `replace`, `regex`: most replacements or
    matches."""
    keep_empty: bool = True
    """`split`, `lines`: whether empty pieces stay."""
    search: str = ""
    """`replace`, `contains`: the text looked for."""
    replacement: str | None = None
    r"""`replace`: put in its place. `regex`: likewise, with `\1` and `\g<name>` for groups."""
    pattern: str = ""
    """`regex`: a regular expression, RE2 syntax."""
    mode: Literal["search", "all", "match", "replace", "split"] | None = None
    """`regex`: first match (default), all matches, match of the whole, replace (default when there
    is a replacement), split."""
    group: int | str | None = None
    """`regex`: the group a match stands for; absent: the first group, or the whole match."""
    ignore_case: bool = False
    """`replace`, `contains`, `regex`: whether upper and lower case are the same."""
    multiline: bool = False
    """`regex`: whether `^` and `$` are also the ends of lines."""
    characters: str | None = None
    """`trim`: what is taken off both ends; absent: white space."""
    suffix: str = ""
    """`truncate`: put behind what was cut, and counted."""
    FORM: ClassVar[Forms] = {
        "operation": Form("choice", ("split",)),
        "input": Form("template", ("{{draft.output}}",)),
        "inputs": Form("list", (["{{first}}", "{{last}}"],)),
        "separator": Form("text", (", ",)),
        "limit": Form("number", (100,)),
        "keep_empty": Form("boolean", group="more"),
        "search": Form("text", ("old",)),
        "replacement": Form("text", ("new",)),
        "pattern": Form("text", ("(\\d+) (\\w+)",), group="regex"),
        "mode": Form("choice", group="regex"),
        "group": Form("text", (1, "name"), group="regex"),
        "ignore_case": Form("boolean", group="more"),
        "multiline": Form("boolean", group="regex"),
        "characters": Form("text", (" .",), group="more"),
        "suffix": Form("text", ("…",), group="more"),
    }


KIND = register(
    Kind(
        type="text",
        group="text",
        config=TextConfig,
        summary="Join, split, replace, match or change text",
        aliases=("text_process",),
        outputs=("output", "match", "groups", "count"),
        hints=Hints(
            category="text",
            output_types={
                "output": "any",
                "match": "boolean",
                "groups": "object",
                "count": "integer",
            },
        ),
    )
)

"""`text`: one operation on text."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

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
    multiline: bool = False
    characters: str | None = None
    """`trim`: what is taken off both ends; absent: white space."""
    suffix: str = ""
    """`truncate`: put behind what was cut, and counted."""


KIND = register(
    Kind(
        type="text",
        group="text",
        config=TextConfig,
        summary="Join, split, replace, match or change text",
        aliases=("text_process",),
        outputs=("output", "match", "groups", "count"),
    )
)

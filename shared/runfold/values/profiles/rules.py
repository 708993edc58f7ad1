"""What a profile may say about values: one struct, filled by each profile's own module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from runfold.errors import ExpressionFailed
from runfold.values.json_text import text_of
from runfold.values.operators import MISSING, OPERATORS, SPELLINGS, UNARY, Operator
from runfold.values.paths import Lookup, Ref, resolve

Call = Literal["", "values", "args"]


def nothing(_ref: Ref) -> str:
    """A reference that leads nowhere, as no text at all."""
    return ""


def absent(_ref: Ref) -> Any:
    """A side of a condition that leads nowhere, as a value that does not exist."""
    return MISSING


def no_value(_text: str, _lookup: Lookup) -> Any:
    """Literal text, which stands for itself."""
    return MISSING


def unchanged(text: str) -> str:
    """A template as it was written."""
    return text


def as_it_is(_name: str, _left: Any, right: Any) -> Any:
    """The right side of a comparison as it was found."""
    return right


def kind_itself(_node_type: str, _code: str, kind: str) -> str:
    """What a failure is called: its kind."""
    return kind


def no_parts(name: str, _left: Any, _parts: Any) -> bool:
    """Refuse conditions on the files of a list."""
    message = f"operator {name!r} takes no `where` here"
    raise ExpressionFailed(message, code="condition.type", kind="input")


class Wanted(Protocol):
    """A field that a model is asked for."""

    @property
    def type(self) -> str:
        """The type of its value."""

    @property
    def items(self) -> str:
        """The type of what is in it, for an array; `any` for all."""

    @property
    def enum(self) -> list[Any]:
        """The only values it may have; empty for all."""

    @property
    def required(self) -> bool:
        """Whether an answer without it is not as it should be."""


class Rules(NamedTuple):
    """Another system's rules about values."""

    name: str
    literal: Callable[[str, Lookup], Any] = no_value
    """What literal text between references stands for; `MISSING` for itself."""
    text: Callable[[Any], str] = text_of
    """Writes a value that a reference stands for into text."""
    answer: Callable[[Any], str] = text_of
    """The same in the text of an `answer`."""
    printed: Callable[[Any], str] = text_of
    """The same in a template with filters or statements."""
    program: Callable[[str], str] = unchanged
    """What is changed in the text of a template for the engine before it is read."""
    filters: Mapping[str, Callable[..., Any]] = MappingProxyType({})
    """Filters of such templates that differ."""
    handed: Callable[[Any], Any] | None = None
    """What such a template is given for a value, when it only prints and does not compute."""
    methods: frozenset[str] = frozenset()
    """Methods that such templates may call beside those of all: where one does, the template is
    rendered in a process of its own."""
    defines_missing: bool = True
    """Whether something stands for a reference that leads nowhere: null, and `missing_text` in
    text. Else it is an error, as it is without a profile."""
    walk: Callable[[Ref, Lookup], Any] = resolve
    """Follows a reference; raises `ReferenceMissing` where it leads nowhere."""
    missing_text: Callable[[Ref], str] = nothing
    """What stands in text for a reference that leads nowhere."""
    missing_operand: Callable[[Ref], Any] = absent
    """What a side of a condition is that leads nowhere. May raise `ExpressionFailed`."""
    operators: Mapping[str, Operator] = OPERATORS
    """Every operator by its name here. May raise `ExpressionFailed`."""
    spellings: Mapping[str, str] = SPELLINGS
    """Other names of operators, in small letters with `_` for blanks."""
    unary: frozenset[str] = UNARY
    """Operators without a right side."""
    expected: Callable[[str, Any, Any], Any] = as_it_is
    """The right side as it is compared, of the operator, the left side and the right one."""
    expects_text: bool = False
    """Whether a right side that is text is a template for text, a lone reference too."""
    of_parts: Callable[[str, Any, Any], bool] = no_parts
    """Whether `where` holds for a list of files."""
    lenient: bool = False
    """Whether a condition that fails does not hold, and does not fail its node."""
    breaks_early: bool = False
    """Whether `break_when` of a loop is looked at before the first round too."""
    null_is_no_items: bool = False
    """Whether null for `items` is a list without items."""
    ends_alone: bool = False
    """Whether the outputs of a run are those of its end, and not also what answers said."""
    nulls_are_skipped: bool = False
    """Whether an assignment of null is passed over."""
    keeps_types: bool = False
    """Whether an assignment may not change the type of a variable."""
    needs_sources: bool = False
    """Whether a list that is gone through, a value that is assigned, and what stands in the prompt
    of an `llm` must be there: null will do, a reference that leads nowhere fails the node."""
    error_type: Callable[[str, str, str], str] = kind_itself
    """What `error.type` of a node says behind its failure: of its type, the failure's code and
    kind."""
    call: Call = ""
    """How a program's `main` is called: as it is written, with `values` by name, or with `args`
    that has `params`."""
    outputs: Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]] | None = None
    """The outputs of a program, of what `main` returned and what is declared. May raise
    `ExpressionFailed`."""
    forgives: bool = False
    """Whether a run that went past a failure of the node has succeeded, and not in part alone."""
    found: Callable[[Mapping[str, Wanted], Mapping[str, Any] | None], dict[str, Any]] | None = None
    """The outputs of an `extract`, of the fields that are wanted and the object that the model
    answered with, None for none. The model is asked once."""
    bare_context: bool = False
    """Whether the documents of an `llm` stand in its prompt as their texts alone, a line end
    between them, and nowhere when the prompt has no place for them."""
    null_is_a_value: bool = False
    """Whether the first value of an `aggregate` may be null, and only what is not there is passed
    over."""
    orders_as_typed: bool = False
    """Whether texts that spell numbers are ordered as texts."""

    def operator_named(self, name: Any) -> str | None:
        """The name here of an operator, in whichever spelling; None when there is none."""
        if not isinstance(name, str):
            return None
        plain = name.strip().lower().replace(" ", "_")
        plain = self.spellings.get(plain, plain)
        return plain if plain in self.operators else None

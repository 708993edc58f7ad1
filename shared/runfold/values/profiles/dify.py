"""The profile `dify`: values as Dify's workflows treat them."""

from __future__ import annotations

from runfold.values.profiles import (
    dify_code,
    dify_errors,
    dify_fields,
    dify_jinja,
    dify_operators,
    dify_text,
)
from runfold.values.profiles.rules import Rules

DIFY = Rules(
    name="dify",
    literal=dify_text.literal,
    text=dify_text.text,
    answer=dify_text.answer,
    printed=dify_jinja.printed,
    program=dify_jinja.program,
    filters=dify_jinja.FILTERS,
    handed=dify_jinja.handed,
    methods=dify_jinja.METHODS,
    missing_text=dify_text.reference,
    missing_operand=dify_operators.missing,
    operators=dify_operators.OPERATORS,
    spellings=dify_operators.SPELLINGS,
    unary=frozenset(("empty", "not_empty", "is_null", "not_null", "exists", "not_exists")),
    expected=dify_operators.expected,
    expects_text=True,
    of_parts=dify_operators.of_files,
    breaks_early=True,
    null_is_no_items=True,
    nulls_are_skipped=True,
    keeps_types=True,
    needs_sources=True,
    error_type=dify_errors.error_type,
    call="values",
    outputs=dify_code.outputs,
    found=dify_fields.found,
    bare_context=True,
    null_is_a_value=True,
    orders_as_typed=True,
)

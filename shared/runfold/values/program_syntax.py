"""Whether a program can be read at all: its text is parsed, and nothing of it is run."""

from __future__ import annotations

import ast
import re

import quickjs  # type: ignore[import-untyped]

from runfold.values.python_bounds import program_problem, size_problem
from runfold.values.python_scan import TOO_DEEP

_STACK = 512 * 1024
_MEMORY = 64 * 1024 * 1024
_AT = re.compile(r"<input>:(\d+)")
_ERROR = "SyntaxError: "
_TYPES = re.compile(r":\s*(?:Args\b|Promise\s*<\s*Output\s*>)")
"""Types in the head of `main` that the executor passes over."""


def syntax_problem(code: str, language: str) -> str:
    """Why a program cannot be read, with the line; empty when it can, or is too large to be tried.

    Args:
        code: Its text.
        language: `python` or `javascript`.
    """
    return _javascript(code) if language == "javascript" else _python(code)


def _python(code: str) -> str:
    if program_problem(code):
        return ""
    try:
        ast.parse(code)
    except SyntaxError as error:
        return _said(error.lineno, error.msg, code)
    except (ValueError, *TOO_DEEP):
        return ""
    return ""


def _javascript(code: str) -> str:
    if size_problem(code) or "\0" in code:
        return ""
    context = quickjs.Context()
    context.set_max_stack_size(_STACK)
    context.set_memory_limit(_MEMORY)
    # The whole text is parsed before its first statement is run, and that one ends it.
    text = f"throw 0;(async()=>{{{_TYPES.sub('', code)}\n}})"
    try:
        context.eval(text)
    except quickjs.JSException as error:
        told = str(error)
        if told.startswith(_ERROR):
            line = _AT.search(told)
            message = told.removeprefix(_ERROR).partition("\n")[0]
            return _said(int(line[1]) if line else None, message, code)
    except MemoryError:
        return ""
    return ""


def _said(line: int | None, message: str, code: str) -> str:
    """The message with its line; what is not closed is missed below the last one."""
    if line is None:
        return message
    return f"line {max(1, min(line, code.count(chr(10)) + 1))}: {message}"

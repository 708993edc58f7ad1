"""TypeScript without its types: JavaScript that does the same, line by line.

    tokens.py        the text as tokens
    types.py         where a type ends
    declarations.py  names, functions and classes, and their types
    eraser.py        where types stand in a program

Types are replaced by blanks, so that a line of a program stays the same line. What a type does at
run time, as an `enum` does, cannot be erased and is refused.
"""

from __future__ import annotations

from runfold.importers.coze.typescript.eraser import erased
from runfold.importers.coze.typescript.tokens import Unerasable

__all__ = ["Unerasable", "erased"]

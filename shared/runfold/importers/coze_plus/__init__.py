"""The canvas that a guide to Coze Plus prints: nodes by `key`, values as `val` and `ref`.

shapes.py    a canvas, or one node by itself
values.py    values, references and templates, written as native ones
step.py      one node while its native one is being made
kinds/       what each type of nodes becomes, and the table of all
importer.py  all of it together
"""

from __future__ import annotations

from runfold.importers.coze_plus.importer import IMPORTER

__all__ = ["IMPORTER"]

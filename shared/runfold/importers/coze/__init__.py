"""Canvases of Coze: as the open studio and the hosted product save, copy and export them.

shapes.py      the shapes in which a canvas comes
archive.py     canvases that lie in other bytes, as in the hosted product's older zips
canvas.py      a canvas as nodes and edges
fields.py      reads of a document in which anything may stand anywhere
types.py       declared types, and literals by them
names.py       what references mean
texts.py       values and templates, written as native ones
step.py        one node while its native one is being made
kinds/         one module a type of nodes, and the table of all
errors.py      default data, error branches, retries, timeouts
batch_mode.py  batch mode of a node
models.py      which model stands for one of Coze
tools.py       what a model may call
typescript/    programs without their types
graph.py       nodes and edges as those of a native graph
importer.py    all of it together
"""

from __future__ import annotations

from runfold.importers.coze.archive import canvases_in
from runfold.importers.coze.importer import IMPORTER

__all__ = ["IMPORTER", "canvases_in"]

"""Imports of Coze as canvases of Coze again, with the settings that changed.

document.py   the canvas with what changed of it, and a line for each node
canvas.py     the canvas in a document, to be changed in place
leaves.py     which values of a setting changed, and where a canvas may have them
spelling.py   changed values as Coze spells them: literals, references, templates over inputs
trials.py     a changed value in each place that may be its own: an import tells which one is
edges.py      connections that came or went
"""

from __future__ import annotations

from runfold.exporters.coze.document import write
from runfold.exporters.exporter import Exporter

EXPORTER = Exporter("coze", write)

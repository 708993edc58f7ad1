"""Definitions as exports of Dify: workflows and chatflows.

document.py      the whole document, new or with what changed put into the original
sides.py         what stands for what: native nodes, nodes of Dify, where a run begins
nodes.py         each node: kept, written or not exported
edges.py         edges between nodes of Dify
declared.py      environment and conversation variables
names.py         references as selectors
text.py          templates as texts with `{{#node.name#}}`, or as Jinja2 with declared variables
conditions.py    structured conditions as Dify's
errors.py        retries and error strategies
kind.py          how one kind is written; kinds/: one module a kind, and the table of all
layout.py        where nodes stand that have no position
"""

from __future__ import annotations

from runfold.exporters.dify.document import write
from runfold.exporters.exporter import Exporter

EXPORTER = Exporter("dify", write)

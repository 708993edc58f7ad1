"""Imports of n8n as workflows of n8n again.

document.py      the original with what changed: nodes, connections, what is around them
groups.py        which native nodes stand for which node of n8n
nodes.py         one node: kept, with changed parameters and settings, or new
connections.py   connections out of the inputs of native nodes
"""

from __future__ import annotations

from runfold.exporters.exporter import Exporter
from runfold.exporters.n8n.document import write

EXPORTER = Exporter("n8n", write)

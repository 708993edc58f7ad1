"""Workflows of n8n as definitions: items, circles, parts of nodes, services as placeholders.

shapes.py        the shapes in which documents come; short_form.py: as guides print them
document.py      nodes, connections and settings as they are written; plain.py: safe readings
wiring.py        steps, parts of steps, entries, what is reached; entries.py: triggers
circles.py       circles as loops, one inside another
regions.py       which loop a node is in, and the variables of loops; sources.py: how they are read
feeds.py         where the items of each input come from; arrival.py: in which order
mentions.py      other nodes that expressions name
room.py          what the modules of node kinds are given, and what they give
parts/           what each kind of node becomes; parts/table.py names them all
ai/              nodes that ask models, and their parts
graph.py         native nodes and edges; loops.py: a loop's; beginning.py, ending.py: a run's
settings.py      webhooks and schedules; schedules.py: lines of cron
reporting.py     a line for each node; pinned.py: pinned items as a case
importing.py     all of it, in order
"""

from __future__ import annotations

from typing import Any

from runfold.importers.importer import Importer
from runfold.importers.n8n.importing import read
from runfold.importers.n8n.shapes import workflows_in


def recognises(document: Any) -> bool:
    """Whether a document is a workflow of n8n. A list of workflows is several documents."""
    return bool(workflows_in(document)) and not _is_list_of_workflows(document)


def _is_list_of_workflows(document: Any) -> bool:
    return isinstance(document, list) and any(
        isinstance(one, dict) and "nodes" in one for one in document
    )


IMPORTER = Importer("n8n", recognises, read)
"""The importer of n8n's workflows."""

"""Exports of Dify, DSL 0.1 to 0.6, as definitions.

recognise.py      which documents are Dify's, and of which mode
graph.py          a document with a graph: the whole of it, and its report
printed.py        the short form in which guides print workflows
apps.py           chat, agent-chat and completion apps: flows of one model node
source.py         a document taken apart: nodes, edges, declarations
reading.py        values of any type, read so that nothing raises
types.py          node types: older spellings, and what is near to an invented one
scopes.py         what runs in a graph or a container, circles cut, borders kept
bodies.py         the nodes and edges of one scope, put together
kinds/            one module a node type
flow.py           what a graph shares while it is imported; what became of a node
names.py          selectors as references
text.py           `{{#node.name#}}` in text
jinja.py          Jinja2 templates with declared variables
conditions.py     conditions and operators
declared.py       environment, variables of conversations and pipelines
models.py         models and their settings
strategies.py     retries, branches for errors, default values
features.py       what an app has around its graph
builtin_tools.py  tools that Dify brings along; builtin_programs.py: the programs for them
simple_code.py    the tool whose program is one of its settings
usage.py          what a graph reads of a node
live_keys.py      keys that look as if they still opened something
"""

from __future__ import annotations

from typing import Any

from runfold.importers.dify.apps import MODES, read_app
from runfold.importers.dify.graph import read_graph
from runfold.importers.dify.printed import read_printed, recognises_printed
from runfold.importers.dify.recognise import mode_of, recognises
from runfold.importers.importer import Context, Importer
from runfold.importers.report import Imported


def read(document: Any, context: Context) -> Imported:
    """A document of Dify as a definition, with a report. Never raises for what it says."""
    given = document if isinstance(document, dict) else {}
    if recognises_printed(given):
        return read_printed(given, context)
    mode = mode_of(given)
    return read_app(given, context, mode) if mode in MODES else read_graph(given, context, mode)


IMPORTER = Importer("dify", recognises, read)
"""What the table of importers has of this format."""

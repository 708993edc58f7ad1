"""Exporters: definitions as documents of other systems. Pure: no I/O, no clock.

exporting.py   what `runfold export` calls: an unchanged import as it came, else node by node
exporter.py    what each exporter is, and what it gives
table.py       the exporters by format
flat.py        a definition as one list of nodes and edges, bodies included
writing.py     one node while its settings are written for another system
added.py      nodes that an import adds around those of the document
merging.py     what changed, put into the original; the rest of it stays as it was
dify/, n8n/, coze/   one room a format; no exporter knows another

A format's own importer is the one place that says what its words mean: its tables are read
backwards here.
"""

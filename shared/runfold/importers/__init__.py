"""Documents of other systems as native definitions, with a report for each of their nodes.

    dify/       exports of Dify, DSL 0.1 to 0.6
    coze/       canvases of Coze, its clipboard and its exports
    n8n/        workflows of n8n
    tutorial/   the JSON of a Python tutorial about workflow engines
    coze_plus/  the canvas that a guide to Coze Plus prints
    documents.py what a file holds: one document, a list, or a zip of them
    places/     where the nodes stand on a canvas
    report.py   what an import comes to
    draft.py    a definition while it is being made

Pure: documents in, definitions out. No importer knows another, and the engine knows none.
"""

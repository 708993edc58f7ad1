"""OpenAPI 3.x documents as typed operations: read, described to models, turned into requests. Pure.

Nothing is fetched: a reference that leads out of the document is refused. Where documents are
stored, and how requests are sent, does not belong here.
"""

"""Subjects of the operator's own streams whose messages begin runs."""

from __future__ import annotations

from litestar import get

from runfold.client.triggers import SubjectList, subject_list
from runfold.definitions.subjects import standings
from runfold_gateway.backend import backend_of
from runfold_gateway.http.bodies import Req


@get("/subjects", operation_id="listSubjects", tags=["subjects"])
async def list_subjects(request: Req) -> SubjectList:
    """The subjects of the newest published versions, by workflow, and whether messages come."""
    backend = backend_of(request)
    return subject_list(await standings(backend.bus, backend.subjects))


ROUTES = (list_subjects,)

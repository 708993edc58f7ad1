"""Starting a run by a form: files and fields of text, as browsers and `curl -F` send them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from litestar.exceptions import HTTPException

from runfold.bus.uploads import store_file
from runfold.errors import ExpressionFailed, InvalidInputs
from runfold.graph.definition import Input
from runfold.graph.inputs import typed_text
from runfold.values.files import FileValue
from runfold.values.media_types import UNKNOWN
from runfold.values.types import FILES
from runfold_gateway.backend import Backend
from runfold_gateway.http.bodies import MAX_BODY, Req, read
from runfold_gateway.http.forms import Part, form_parts

INPUTS = "inputs"
AS_JSON = (INPUTS, "labels", "priority", "version")
"""Parts that are JSON; of the others, `conversation_id` is text."""
FIELDS = (*AS_JSON, "conversation_id")
"""Parts that say the same as the fields of a JSON body with `inputs`."""
RUN_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {INPUTS: {"type": "string", "description": "Inputs as one JSON object."}},
    "additionalProperties": {"type": "string", "format": "binary"},
}


class RunForm:
    """What a form asks for."""

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.texts: dict[str, str] = {}
        self.files: dict[str, list[FileValue]] = {}

    def body(self) -> dict[str, Any]:
        """The same as a JSON body, the inputs of single parts left out."""
        return {INPUTS: {}, **self.fields}

    def inputs(self, declared: Mapping[str, Input]) -> dict[str, Any]:
        """All inputs, those of text as what they are declared as.

        Raises:
            InvalidInputs: A text is not of its input's type, or an input is given twice.
        """
        given = self.body()[INPUTS]
        if not isinstance(given, dict):
            raise InvalidInputs("the part `inputs` is not a JSON object")
        inputs = dict(given)
        for name in (*self.texts, *self.files):
            if name in given:
                message = f"input {name[:80]!r} is given twice: in `inputs`, and by a part"
                raise InvalidInputs(message, details={"invalid": [name]})
        for name, text in self.texts.items():
            try:
                inputs[name] = typed_text(declared.get(name), text)
            except ExpressionFailed as error:
                details = {"invalid": [name]}
                raise InvalidInputs(f"input {name}: {error.message}", details=details) from error
        for name, files in self.files.items():
            values = [file.value() for file in files]
            is_list = name in declared and declared[name].type in (FILES, "array")
            inputs[name] = values if is_list or len(files) > 1 else values[0]
        return inputs

    def add_text(self, name: str, text: bytes) -> None:
        """Take a field of text.

        Raises:
            InvalidInputs: It is there already, or cannot be read.
            InvalidRequest: It is no JSON, where that is wanted.
        """
        if name in self.fields or name in self.texts or name in self.files:
            raise InvalidInputs(f"part {name[:80]!r} of the form is there twice")
        if name in AS_JSON:
            self.fields[name] = read(text, code=InvalidInputs.code)
            return
        try:
            value = text.decode()
        except UnicodeDecodeError as error:
            message = f"part {name[:80]!r} of the form is not UTF-8: give a file a file name"
            raise InvalidInputs(message) from error
        (self.fields if name in FIELDS else self.texts)[name] = value

    def add_file(self, name: str, file: FileValue) -> None:
        """Take a file. Raises `InvalidInputs` where text has the name already."""
        if name in self.fields or name in self.texts:
            raise InvalidInputs(f"part {name[:80]!r} of the form is there twice")
        self.files.setdefault(name, []).append(file)


async def run_form(request: Req, backend: Backend) -> RunForm:
    """Read a form; its files are stored as they come.

    Raises:
        InvalidInputs: It does not fit.
        InvalidFile: A file is of another media type than its part says.
        InvalidRequest: It is not a whole form.
        PayloadTooLarge: A file is over the limit.
        HTTPException: Its text is over the limit, or all of it.
    """
    form, left = RunForm(), MAX_BODY
    limit = backend.settings.file_limit
    async for part in form_parts(request, limit):
        if part.filename is None:
            text = await _text(part.body, left)
            left -= len(text)
            form.add_text(part.name, text)
        elif (body := await _chosen(part)) is not None:
            form.add_file(part.name, await _stored(part._replace(body=body), backend, limit))
    return form


async def _chosen(part: Part) -> AsyncIterator[bytes] | None:
    """The bytes of a file; None for a field of a form in which no file was chosen.

    Browsers send such a field with neither a file name nor bytes.
    """
    if part.filename:
        return part.body
    first = await anext(part.body, b"")
    return _all(first, part.body) if first else None


async def _all(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


async def _stored(part: Part, backend: Backend, limit: int) -> FileValue:
    return await store_file(
        backend.bus.files,
        part.body,
        name=part.filename or "",
        media_type="" if part.media_type == UNKNOWN else part.media_type,
        limit=limit,
    )


async def _text(body: AsyncIterator[bytes], left: int) -> bytes:
    text = bytearray()
    async for piece in body:
        text += piece
        if len(text) > left:
            message = f"the text of the form is larger than {MAX_BODY} bytes"
            raise HTTPException(message, status_code=413)
    return bytes(text)

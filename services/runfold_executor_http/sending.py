"""Bodies with files in them: the bytes of one, or a form with parts, streamed from the store.

A body has its size before it is sent, and can be sent again when a redirect asks for it.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Any

from runfold.errors import NodeFailed
from runfold.executor.files import AttemptFiles
from runfold.graph.kinds.http_request import HTTPRequestConfig
from runfold.values.files import FileValue, is_file
from runfold.values.json_text import text_of


class Sending:
    """A body that is read piece by piece while it is sent.

    Args:
        files: Where the bytes of files are.
        parts: Bytes, and files in between.
        content_type: What the body is.
    """

    def __init__(
        self, files: AttemptFiles, parts: list[bytes | FileValue], content_type: str
    ) -> None:
        self._files = files
        self._parts = parts
        self.content_type = content_type
        self.size = sum(one.size if isinstance(one, FileValue) else len(one) for one in parts)

    async def pieces(self) -> AsyncIterator[bytes]:
        """All bytes, from the beginning each time. Raises `NodeFailed` when some are gone."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
            else:
                async for piece in self._files.open(part.value()):
                    yield piece


async def sending_of(config: HTTPRequestConfig, files: AttemptFiles) -> Sending | None:
    """The body of a configuration that has files in it; None of any other.

    Raises:
        NodeFailed: `http.invalid`, when it cannot be sent; `file.invalid`, `file.not_found` or
            `file.media_type` for a file that is not there as it says.
    """
    body = config.body
    match config.body_type:
        case "multipart":
            return await _form(body, files)
        case "file":
            file = await files.checked(body)
        case "auto" if is_file(body):
            file = await files.checked(body)
        case _:
            return None
    return Sending(files, [file], file.media_type)


async def _form(body: Any, files: AttemptFiles) -> Sending:
    if not isinstance(body, dict) or is_file(body):
        message = "body_type multipart needs an object of fields as body: {file: '{{doc}}'}"
        raise NodeFailed(message, code="http.invalid", kind="input")
    boundary = f"runfold-{secrets.token_hex(16)}"
    parts: list[bytes | FileValue] = []
    for name, value in body.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            if one is None:
                continue
            said = f'form-data; name="{_quoted(name)}"'
            if is_file(one):
                file = await files.checked(one)
                said += f'; filename="{_quoted(file.name)}"'
                parts += [_head(boundary, said, file.media_type), file, b"\r\n"]
            else:
                parts.append(_head(boundary, said, "") + text_of(one).encode() + b"\r\n")
    parts.append(f"--{boundary}--\r\n".encode())
    return Sending(files, parts, f"multipart/form-data; boundary={boundary}")


def _head(boundary: str, disposition: str, media_type: str) -> bytes:
    lines = [f"--{boundary}", f"Content-Disposition: {disposition}"]
    lines += [f"Content-Type: {media_type}"] if media_type else []
    return "\r\n".join([*lines, "", ""]).encode()


def _quoted(text: str) -> str:
    """A name as browsers write it in a form."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")

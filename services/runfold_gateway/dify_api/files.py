"""Files as Dify writes them: uploads with an id, and where a request names one."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from urllib.parse import quote

import msgspec

from runfold.bus.ports.files import Files, unknown_file
from runfold.bus.uploads import MOST_FILES, checked_files
from runfold.errors import InvalidFile
from runfold.values.files import FileValue, files_in, is_file, is_sha256, read_file

_TYPES = {"image", "document", "audio", "video"}


def upload_id(file: FileValue) -> str:
    """The id of an upload: says by itself which bytes it stands for, and what they are called."""
    about = msgspec.json.encode([file.name, file.media_type, file.size])
    return f"{file.sha256}.{base64.urlsafe_b64encode(about).decode().rstrip('=')}"


async def uploaded(files: Files, file_id: str) -> FileValue:
    """The file that an id stands for; the sha256 alone is one, too.

    Raises:
        NotFound: `file.not_found`.
        InvalidFile: It is not an id of a file.
    """
    sha256, dot, about = file_id.partition(".")
    if not is_sha256(sha256):
        raise unknown_file(file_id[:80])
    if not dot:
        found = await files.find(sha256)
        if found is None:
            raise unknown_file(sha256)
        return FileValue(sha256, found.name, found.media_type, found.size)
    try:
        said = base64.urlsafe_b64decode(about + "=" * (-len(about) % 4))
        name, media_type, size = msgspec.json.decode(said, type=tuple[str, str, int])
    except (binascii.Error, ValueError) as error:
        raise unknown_file(file_id[:80]) from error
    value = {"$file": sha256, "name": name, "media_type": media_type, "size": size}
    return read_file(value)


async def with_files(files: Files, value: Any, place: str) -> Any:
    """Inputs or a list of files, with ours in place of what Dify calls files.

    Raises:
        NotFound: There is no such upload.
        InvalidFile: Something of it is not a file.
    """
    left = MOST_FILES

    async def ours(inner: Any) -> Any:
        nonlocal left
        if isinstance(inner, list):
            return [await ours(one) for one in inner]
        if not isinstance(inner, dict) or "transfer_method" not in inner:
            return inner
        left -= 1
        if left < 0:
            raise _invalid(f"{place}: at most {MOST_FILES} files are taken")
        if inner["transfer_method"] != "local_file":
            raise _invalid(
                f"{place}: transfer_method {inner['transfer_method']!r:.60} is not taken, since "
                "addresses are not fetched: upload the file, and send it as `local_file`"
            )
        file_id = inner.get("upload_file_id")
        if not isinstance(file_id, str):
            raise _invalid(f"{place}: a file has an `upload_file_id`, as its upload returned it")
        return (await uploaded(files, file_id)).value()

    if isinstance(value, dict):
        value = {name: await ours(inner) for name, inner in value.items()}
    else:
        value = await ours(value)
    return await checked_files(files, value, place)


def files_of(value: Any, app: str) -> list[dict[str, Any]]:
    """The files among outputs, as Dify shows them."""
    found = [inner for _, inner in files_in(value, "") if is_file(inner)]
    shown = []
    for one in found:
        try:
            shown.append(shown_file(read_file(one), app))
        except InvalidFile:
            continue  # it only looks like a file
    return shown


def shown_file(file: FileValue, app: str) -> dict[str, Any]:
    """A file as Dify shows it. Its address needs the gateway's key, as all addresses do."""
    file_id = upload_id(file)
    return {
        "dify_model_identity": "__dify__file__",
        "id": file_id,
        "related_id": file_id,
        "upload_file_id": file_id,
        "type": file.kind if file.kind in _TYPES else "custom",
        "transfer_method": "local_file",
        "filename": file.name,
        "extension": f".{file.extension}" if file.extension else "",
        "mime_type": file.media_type,
        "size": file.size,
        "url": f"/dify/{quote(app, safe='')}/v1/files/{file_id}/preview",
    }


def _invalid(message: str) -> InvalidFile:
    return InvalidFile(message)

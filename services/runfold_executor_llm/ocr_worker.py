"""`python -m runfold_executor_llm.ocr_worker MEMORY`: a process that reads the text in pictures.

The engine has half a gigabyte in memory and decodes pictures from anywhere: it is never loaded into
a service. It may open no connection; its weights come with its package.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import msgspec

from runfold.isolated.jobs import Note, serve

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Libraries that would use all processors, and on busy ones spend their time waiting."""
MAX_PIXELS = 40_000_000
"""Of one picture: four bytes each while it is decoded, and several copies."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
"""Formats that are decoded; each other is another decoder to be attacked."""


class Line(msgspec.Struct, frozen=True):
    """One line of text."""

    text: str
    confidence: float
    """How sure the engine is, from 0 to 1."""
    box: list[list[float]]
    """Its four corners in pixels, from the top left."""


class Seen(msgspec.Struct, frozen=True):
    """What was read in a picture, or why nothing was."""

    lines: list[Line] = []
    problem: str = ""
    is_limit: bool = False
    """Whether it is too large, rather than not a picture."""


_engine: Any = None


def work(verb: bytes, body: bytes, _note: Note) -> bytes:
    """One job: `read`, with the bytes of a picture."""
    if verb != b"read":
        return b""
    try:
        return msgspec.json.encode(_read(body))
    except MemoryError:
        problem = "reading the picture needs more memory than it may have"
        return msgspec.json.encode(Seen(problem=problem, is_limit=True))


def _read(body: bytes) -> Seen:
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # looked at below, before anything is decoded
    try:
        with Image.open(io.BytesIO(body), formats=FORMATS) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                problem = f"the picture has {width} by {height} pixels, over {MAX_PIXELS}"
                return Seen(problem=problem, is_limit=True)
            picture.load()
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except UnidentifiedImageError:
        return Seen(problem="the bytes are not a picture that is known")
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        return Seen(problem=f"the picture cannot be decoded: {error}")
    return Seen(lines=_lines(upright))


def _lines(picture: Any) -> list[Line]:
    """The lines of a picture in reading order, as the engine gives them."""
    found = _loaded()(picture)
    if found.txts is None:
        return []
    return [
        Line(str(text), round(float(score), 4), [[float(x), float(y)] for x, y in box])
        for text, score, box in zip(found.txts, found.scores, found.boxes, strict=True)
    ]


def _loaded() -> Any:
    global _engine  # noqa: PLW0603 -- one engine a process
    if _engine is None:
        import onnxruntime
        from rapidocr import RapidOCR

        onnxruntime.set_default_logger_severity(4)  # only what ends it
        threads = {
            f"EngineConfig.onnxruntime.{which}_op_num_threads": 1 for which in ("intra", "inter")
        }
        quiet = {"Global.log_level": "critical", "Global.text_score": 0.0}
        _engine = RapidOCR(params={**threads, **quiet})
    return _engine


def _no_connections(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"):
        message = "this process opens no connections"
        raise PermissionError(message)


if __name__ == "__main__":
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    sys.addaudithook(_no_connections)
    sys.exit(serve(int(sys.argv[1]), work))

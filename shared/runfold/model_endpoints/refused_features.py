"""Whether a server says that a model takes no tools, or no images. Pure.

There is no code for it: servers say it in their own words, with a status of their own.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Literal

Feature = Literal["tools", "vision"]

_STATUSES = frozenset((400, 404, 422, 500, 501))
"""OpenRouter finds no endpoint (404); llama.cpp was not started for it (500)."""
_CALLING = r"['\"`]?(?:tools?\b(?![_ ]choice)|tool[ -]?(?:use|calls?|calling)\b|function.?call\w*)"
_SAID = re.compile(
    r"(?:does not|doesn't|do not|don't|not) (?:currently )?support(?:ed)?(?: for| the use of)? "
    rf"{_CALLING}"
    rf"|{_CALLING}['\"`]? (?:is|are) (?:currently )?(?:not|un) ?(?:supported|enabled|available)"
    r"|endpoints found that support tool use"
    r"|--enable-auto-tool-choice"
    r"|tools param requires",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"unrecognized|unknown|unexpected|unsupported|extra[_ ](?:inputs|forbidden|fields)"
    r"|not permitted|not support",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"(?<![\w.])tools(?![\w.\[])(?![\"'],?\s*\d)")
"""The parameter itself, and not what is in it."""


_IMAGES = re.compile(
    r"(?:does not|doesn't|do not|don't|not|cannot) (?:currently )?support (?:the )?"
    r"(?:image|vision|multi-?modal)"
    r"|(?:images?|image[ _](?:input|url)s?|vision|multi-?modal\w*)['\"`]? (?:input )?"
    r"(?:is|are) (?:currently )?(?:not|un) ?(?:supported|enabled|available)"
    r"|image_url is only supported by certain models"
    r"|endpoints found that support image input"
    r"|unknown variant `?image_url"
    r"|not a multi-?modal model"
    r"|at most 0 image"
    r"|missing data required for image input"
    r"|mmproj",
    re.IGNORECASE,
)
"""OpenAI, OpenRouter, DeepSeek, vLLM, Ollama, llama.cpp, LM Studio."""


def refused_feature(status: int | None, said: str, offered: Collection[Feature]) -> Feature | None:
    """What a server says that the model does not take, of what a request had.

    Args:
        status: Of the error; None when it had none.
        said: Its words, or its body.
        offered: What the request had.
    """
    if "tools" in offered and refuses_tools(status, said):
        return "tools"
    if "vision" in offered and refuses_images(status, said):
        return "vision"
    return None


def refuses_images(status: int | None, said: str) -> bool:
    """Whether an error means that the model takes no images."""
    return (status is None or status in _STATUSES) and bool(_IMAGES.search(said))


def refuses_tools(status: int | None, said: str) -> bool:
    """Whether an error means that tools are not taken at all.

    Args:
        status: Of the error; None when it had none.
        said: Its words, or its body.
    """
    if status is not None and status not in _STATUSES:
        return False
    if _SAID.search(said):
        return True
    return bool(_UNKNOWN.search(said) and _PARAMETER.search(said))

"""Reads vectors out of what `/embeddings` answered, and checks that they are vectors. Pure.

Servers that are asked for numbers send base64 all the same, clients that decode numbers as base64
get vectors of zeros a quarter as long, and some servers send answers in another order: all of it
is found here, and nothing is stored that is not a vector.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from typing import Any

_FLOAT = 4
"""Bytes of a number in base64."""
_LARGEST = 1e100
"""What a number of a vector may be: longer ones would have a length that is none."""
_DIGITS = ".9g"
"""Nine digits tell any two numbers of 32 bits apart, and take half the room of all."""


class NotVectors(Exception):
    """What was sent is not the vectors that were asked for. Its text says why."""


def vectors_in(data: list[Any], count: int, *, normalize: bool) -> list[list[float]]:
    """The vectors of an answer, in the order of the texts.

    Args:
        data: The member `data`.
        count: How many texts there were.
        normalize: Whether each is given the length 1.

    Raises:
        NotVectors: When there is not one for each text, all of one length.
    """
    if len(data) != count:
        message = f"it has {len(data)} vectors for {count} texts"
        raise NotVectors(message)
    found: list[list[float]] = []
    for at, one in enumerate(_ordered(data)):
        vector = _vector(one, at)
        if found and len(vector) != len(found[0]):
            message = f"vector {at} has {len(vector)} numbers, and vector 0 has {len(found[0])}"
            raise NotVectors(message)
        found.append(_of_length_1(vector) if normalize else vector)
    return found


def _ordered(data: list[Any]) -> list[Any]:
    """The entries by their index; as they came when none has any."""
    indexes = [one.get("index") if isinstance(one, dict) else None for one in data]
    if all(index is None for index in indexes):
        return data
    if sorted(index for index in indexes if type(index) is int) != list(range(len(data))):
        message = f"the indexes of its vectors are not 0 to {len(data) - 1}"
        raise NotVectors(message)
    by_index = dict(zip(indexes, data, strict=True))
    return [by_index[index] for index in range(len(data))]


def _vector(entry: Any, at: int) -> list[float]:
    value = entry.get("embedding") if isinstance(entry, dict) else entry
    if isinstance(value, str):
        value = _decoded(value, at)
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]  # llama.cpp puts a text's vector into a list
    if not isinstance(value, list) or not value or not all(map(_is_number, value)):
        message = f"vector {at} is not a list of numbers"
        raise NotVectors(message)
    if not any(value):
        message = f"all numbers of vector {at} are 0"
        raise NotVectors(message)
    return [float(number) for number in value]


def _decoded(text: str, at: int) -> list[float]:
    try:
        packed = base64.b64decode(text, validate=True)
        return list(struct.unpack(f"<{len(packed) // _FLOAT}f", packed))
    except (binascii.Error, ValueError, struct.error) as error:
        message = f"vector {at} is a text, and not base64 of 32-bit numbers"
        raise NotVectors(message) from error


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _LARGEST


def _of_length_1(vector: list[float]) -> list[float]:
    length = math.hypot(*vector)
    return [float(format(number / length, _DIGITS)) for number in vector]

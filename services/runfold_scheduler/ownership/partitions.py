"""Which of the 64 partitions a scheduler handles."""

from __future__ import annotations

from runfold.errors import ConfigurationError
from runfold.ids import PARTITIONS


def parse_partitions(text: str) -> frozenset[int]:
    """The partitions named by `0-31`, `1,5,9` or a mix.

    Raises:
        ConfigurationError: For anything else, or a number over 63.
    """
    found: set[int] = set()
    try:
        for part in text.split(","):
            first, _, last = part.strip().partition("-")
            found.update(range(int(first), int(last or first) + 1))
    except ValueError:
        found = {-1}
    if not found or min(found) < 0 or max(found) >= PARTITIONS:
        message = f"partitions {text!r}: write ranges within 0-{PARTITIONS - 1}, such as '0-31,40'"
        raise ConfigurationError(message, code="settings.partitions")
    return frozenset(found)

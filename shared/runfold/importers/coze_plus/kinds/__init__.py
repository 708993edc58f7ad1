"""Every type of nodes that the guide names, and what makes a native node of it."""

from __future__ import annotations

from runfold.importers.coze_plus.kinds import control, conversations, data, ends, models, services
from runfold.importers.coze_plus.step import Kind

KINDS: dict[str, Kind] = {
    **ends.KINDS,
    **models.KINDS,
    **data.KINDS,
    **control.KINDS,
    **services.KINDS,
    **conversations.KINDS,
}


def kind_named(type_: str) -> Kind:
    """What makes a native node of a type; of an unknown one a placeholder that says so."""
    return KINDS.get(type_) or Kind(lambda step: services.unknown(step, KINDS))

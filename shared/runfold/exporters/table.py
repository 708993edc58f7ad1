"""The exporters by format."""

from __future__ import annotations

from runfold.exporters.dify import EXPORTER as DIFY
from runfold.exporters.exporter import Exporter

EXPORTERS: dict[str, Exporter] = {one.format: one for one in (DIFY,)}
"""Format → what writes it."""

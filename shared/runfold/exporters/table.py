"""The exporters by format."""

from __future__ import annotations

from runfold.exporters.coze import EXPORTER as COZE
from runfold.exporters.dify import EXPORTER as DIFY
from runfold.exporters.exporter import Exporter
from runfold.exporters.n8n import EXPORTER as N8N

EXPORTERS: dict[str, Exporter] = {one.format: one for one in (DIFY, N8N, COZE)}
"""Format → what writes it."""

"""What a service process says of itself, on `runfold.control.status`."""

from __future__ import annotations

import msgspec


class ServiceStatus(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One service process."""

    service: str
    """`scheduler`, `executor-llm`, …"""
    version: str
    host: str
    pid: int
    ready: bool
    reason: str = ""
    """Why it is not ready."""
    started_at: float = 0.0
    """Unix seconds."""
    health: str = ""
    """URL of its health endpoints."""

"""The archiver as a FastStream application."""

from __future__ import annotations

from runfold.service.app import ServiceApp
from runfold.settings import Settings
from runfold_archiver.service import build


def create_app(settings: Settings) -> ServiceApp:
    """The application, not yet connected."""
    return ServiceApp("archiver", build, settings)

"""Opens the store that the settings name."""

from __future__ import annotations

from runfold.settings import Settings
from runfold_executor_data.knowledge.embedded.store import EmbeddedStore
from runfold_executor_data.knowledge.store import KnowledgeStore

FOLDER = "knowledge"
"""Of the files, in the data directory."""


async def open_store(settings: Settings) -> KnowledgeStore:
    """The store of bases: PostgreSQL if there is a URL of one, otherwise files.

    Raises:
        ConfigurationError: `knowledge.unavailable`.
    """
    chosen = settings.knowledge
    store = EmbeddedStore(settings.data_dir / FOLDER, chosen.max_chunks, chosen.memory_bytes)
    await store.open()
    return store

"""Opens the store that the settings name."""

from __future__ import annotations

from runfold.errors import ConfigurationError
from runfold.graph.extras import how_to_install, missing
from runfold.settings import Settings
from runfold_executor_data.knowledge.embedded.store import EmbeddedStore
from runfold_executor_data.knowledge.store import KnowledgeStore

FOLDER = "knowledge"
"""Of the files, in the data directory."""


async def open_store(settings: Settings) -> KnowledgeStore:
    """The store of bases: PostgreSQL if there is a URL of one, otherwise files.

    Raises:
        ConfigurationError: `knowledge.unavailable`, `extra.missing`.
    """
    chosen = settings.knowledge
    if url := chosen.url.get_secret_value().strip():
        if missing("postgres"):
            message = f"RUNFOLD_KNOWLEDGE__URL needs an extra: {how_to_install('postgres')}"
            raise ConfigurationError(message, code="extra.missing")
        from runfold_executor_data.knowledge.postgres.store import PostgresStore

        database = PostgresStore(url, chosen.connections)
        await database.open()
        return database
    store = EmbeddedStore(settings.data_dir / FOLDER, chosen.max_chunks, chosen.memory_bytes)
    await store.open()
    return store

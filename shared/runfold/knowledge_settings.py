"""Settings of knowledge bases: where they are kept and how much of them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

MIB = 1024 * 1024
SCHEMES = ("postgresql://", "postgres://")


class KnowledgeSettings(BaseModel):
    """Where knowledge is kept."""

    model_config = ConfigDict(allow_inf_nan=False)

    url: SecretStr = SecretStr("")
    """A PostgreSQL database with pgvector, `postgresql://user:password@host/name`; empty: files in
    `data_dir`, which all executors of this machine share."""
    connections: int = Field(default=8, ge=1, le=100)
    """Connections to PostgreSQL of one executor."""
    max_chunks: int = Field(default=200_000, ge=1)
    """Chunks of one base in files; more belong in PostgreSQL."""
    memory_bytes: int = Field(default=512 * MIB, ge=MIB)
    """Vectors that one executor keeps in memory, of bases in files; what does not fit is read at
    each search."""

    @field_validator("url")
    @classmethod
    def _postgresql(cls, url: SecretStr) -> SecretStr:
        if (text := url.get_secret_value().strip()) and not text.startswith(SCHEMES):
            message = "begins with postgresql://, or is empty"
            raise ValueError(message)
        return url

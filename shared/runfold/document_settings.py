"""Settings of reading documents: how many at a time, and what one may take."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

MIB = 1024 * 1024


class DocumentSettings(BaseModel):
    """What reading documents may take."""

    model_config = ConfigDict(allow_inf_nan=False)

    processes: int = Field(default=2, ge=1, le=64)
    """Documents that one executor reads at a time, each in a process apart."""
    seconds: float = Field(default=60.0, gt=0)
    """Processor time for one document; four times as long by the clock."""
    memory_bytes: int = Field(default=1024 * MIB, ge=64 * MIB)
    """Memory for one document."""
    max_file_bytes: int = Field(default=64 * MIB, ge=1)
    """Bytes of one document."""
    max_text_bytes: int = Field(default=10 * MIB, ge=1)
    """Bytes of the text of all documents of one node."""

"""Vectors without a server: static vectors of tokens, whose mean is a text's vector.

The weights are not ours: they are those of WordLlama (`l2_supercat_256`, by D. Lee Miller, MIT,
made from token embeddings of Llama 2), as they are in the package `wordllama`. No code of that
package is run. The files must be those that were tried: their SHA-256 are below.

They know which words go together, in English well and in other languages somewhat; they know
nothing of the order of words. A model behind an endpoint finds more.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from runfold.contracts.knowledge import Embedding
from runfold.errors import ConfigurationError
from runfold.graph.extras import how_to_install, missing
from runfold_executor_data.knowledge.vectors import Rows

EXTRA: Final = "local-embed"
PROVIDER: Final = "local-embed"
MODEL: Final = "wordllama-256"
DIMS: Final = 256
EMBEDDING: Final = Embedding(PROVIDER, MODEL, DIMS)
NAME: Final = f"{PROVIDER}/{MODEL}"
"""What a base calls it by."""

PACKAGE: Final = "wordllama"
WEIGHTS: Final = "weights/l2_supercat_256.safetensors"
TOKENIZER: Final = "tokenizers/l2_supercat_tokenizer_config.json"
SHA256: Final = {
    WEIGHTS: "64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
    TOKENIZER: "93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68",
}
_TENSOR: Final = "embedding.weight"
_SHAPE: Final = [32_000, DIMS]
_LENGTH_BYTES: Final = 8
"""Of a safetensors file: how long its header is, before it."""
MOST_CHARACTERS: Final = 100_000
"""Of a text that are looked at."""


class LocalModel:
    """The model, loaded when it is first asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Rows] | None = None

    def vectors(self, texts: Sequence[str]) -> Rows:
        """The vectors of texts, of length 1; zeros for a text without characters.

        Takes a processor's time: not for the event loop.

        Raises:
            ConfigurationError: `extra.missing`; `knowledge.local_model`, when the package's files
                are others than those that are known.
        """
        with self._lock:
            self._loaded = self._loaded or _load()
        tokenizer, table = self._loaded
        rows = np.zeros((len(texts), DIMS), np.float32)
        for at, text in enumerate(texts):
            ids = tokenizer.encode(text[:MOST_CHARACTERS], add_special_tokens=False).ids
            if ids:
                row = table[ids].mean(axis=0, dtype=np.float32)
                rows[at] = row / (np.sqrt(row @ row) or 1)
        return rows


def _load() -> tuple[Any, Rows]:
    found = importlib.util.find_spec(PACKAGE)
    if missing(EXTRA) or found is None or not found.submodule_search_locations:
        message = f"the model {NAME} needs an extra: {how_to_install(EXTRA)}"
        raise ConfigurationError(message, code="extra.missing")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from tokenizers import Tokenizer

    folder = Path(found.submodule_search_locations[0])
    weights, vocabulary = (_checked(folder, name) for name in (WEIGHTS, TOKENIZER))
    start = _LENGTH_BYTES + int.from_bytes(weights[:_LENGTH_BYTES], "little")
    about = json.loads(weights[_LENGTH_BYTES:start])[_TENSOR]
    if about["dtype"] != "F16" or about["shape"] != _SHAPE:
        raise _other(folder / WEIGHTS)
    table = np.frombuffer(weights, np.float16, offset=start).reshape(_SHAPE).astype(np.float32)
    return Tokenizer.from_str(vocabulary.decode()), table


def _checked(folder: Path, name: str) -> bytes:
    """A file's bytes.

    Raises:
        ConfigurationError: `knowledge.local_model`, when they are not those that are known.
    """
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise _other(folder / name) from error
    if hashlib.sha256(content).hexdigest() != SHA256[name]:
        raise _other(folder / name)
    return content


def _other(path: Path) -> ConfigurationError:
    message = (
        f"{path} is not the file that runfold knows: install the extra again "
        f"({how_to_install(EXTRA)}), or take a model behind an endpoint"
    )
    return ConfigurationError(message, code="knowledge.local_model")

"""The process behind `LocalModel`: llama-cpp-python's OpenAI-compatible server.

Run as `python -m runfold.model_servers.local.process <llama_cpp.server options>`. It ends by itself
when its standard input closes, so that it never outlives its parent.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


def main() -> None:
    """Serve until standard input closes."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server = importlib.import_module("llama_cpp.server.__main__")
    server.main()


if __name__ == "__main__":
    main()

"""`python -m runfold`: the command."""

from __future__ import annotations

from runfold.cli.main import main

if __name__ == "__main__":
    main()

"""`io`: `StringIO`, as `csv` and `print` without a file need it."""

from typing import Any


class StringIO:
    def __init__(self, initial_value: str = "") -> None:
        self._text = initial_value
        self._at = 0
        self.closed = False

    def write(self, s: str) -> int:
        end = self._at + len(s)
        self._text = self._text[: self._at] + s + self._text[end:]
        self._at = end
        return len(s)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def getvalue(self) -> str:
        return self._text

    def read(self, size: Any = -1) -> str:
        end = len(self._text) if size is None or size < 0 else self._at + size
        found = self._text[self._at : end]
        self._at += len(found)
        return found

    def readline(self) -> str:
        end = self._text.find("\n", self._at)
        return self.read(-1 if end < 0 else end + 1 - self._at)

    def readlines(self) -> Any:
        return list(self)

    def seek(self, offset: int) -> int:
        self._at = min(offset, len(self._text))
        return self._at

    def tell(self) -> int:
        return self._at

    def close(self) -> None:
        self.closed = True

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> str:
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

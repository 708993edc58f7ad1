"""A way to a PostgreSQL socket that breaks when a COMMIT goes through it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Literal, Self
from urllib.parse import parse_qs, urlsplit

When = Literal["never", "before", "after"]


class CommitProxy:
    """Passes connections on.

    Args:
        url: Of the database.
        directory: Where its own socket is made.
    """

    def __init__(self, url: str, directory: Path) -> None:
        self._url = url
        self._there = Path(parse_qs(urlsplit(url).query)["host"][0]) / ".s.PGSQL.5432"
        self._directory = directory
        self.cut: When = "never"
        """Whether the COMMIT reaches the server, or neither it nor the answer go through."""
        self._server: asyncio.Server
        self._connections: list[asyncio.Task[None]] = []

    @property
    def url(self) -> str:
        """The database by way of this."""
        return self._url.partition("?")[0] + f"?host={self._directory}"

    async def __aenter__(self) -> Self:
        path = self._directory / ".s.PGSQL.5432"
        self._server = await asyncio.start_unix_server(self._on_client, path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for one in self._connections:
            one.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def _on_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.append(asyncio.create_task(self._between(reader, writer)))

    async def _between(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, onward = await asyncio.open_unix_connection(self._there)
        answers = asyncio.create_task(_pass(there, writer))
        try:
            while body := await reader.read(65536):
                if b"COMMIT;" in body and self.cut != "never":
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)
                    if self.cut == "after":
                        onward.write(body)
                        # Its answer shows that it was carried out.
                        await there.read(65536)
                    return
                onward.write(body)
        finally:
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            for one in (writer, onward):
                one.close()
                with suppress(OSError):
                    await one.wait_closed()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while body := await reader.read(65536):
            writer.write(body)
        writer.close()

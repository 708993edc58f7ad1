"""A model server over real HTTP whose vectors say how much of tea and of coffee a text has."""

from __future__ import annotations

import asyncio

from runfold.model_servers.http_server import LoopbackServer, Request, Responder


class Embedder:
    """The server, open while `http` is.

    Its vectors have two numbers, of tea and of coffee; `/rerank` likes long documents.
    """

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        """The texts of each request that was answered."""
        self.dims = 2
        self.fail_after: int | None = None
        """Requests that are answered before it is down."""
        self.refused = ""
        """A word that no text may have."""
        self.gate: asyncio.Event | None = None
        """What a request over `fail_after` waits for."""
        self.reached = asyncio.Event()
        """Set when one waits."""
        self.http = LoopbackServer(self._handle)

    @property
    def base_url(self) -> str:
        """What `OPENAI_BASE_URL` is to be."""
        return f"{self.http.origin}/v1"

    @property
    def texts(self) -> list[str]:
        """All texts that vectors were made of."""
        return [one for batch in self.asked for one in batch]

    async def _handle(self, request: Request, responder: Responder) -> None:
        body = request.json()
        if request.path == "/v1/rerank":
            scores = [len(text) / 1000 for text in body["documents"]]
            results = [{"index": at, "relevance_score": one} for at, one in enumerate(scores)]
            await responder.json(200, {"results": results})
            return
        if self.fail_after is not None and len(self.asked) >= self.fail_after:
            if self.gate is not None:
                self.reached.set()
                await self.gate.wait()
            await responder.json(503, {"error": {"message": "down"}})
            return
        texts = body["input"]
        if self.refused and any(self.refused in one for one in texts):
            await responder.json(400, {"error": {"message": "it does not take that"}})
            return
        self.asked.append(texts)
        data = [{"index": at, "embedding": self.vector(text)} for at, text in enumerate(texts)]
        await responder.json(200, {"data": data, "model": "two", "usage": {"prompt_tokens": 3}})

    def vector(self, text: str) -> list[float]:
        """The vector of a text."""
        words = text.lower()
        found = [1.0 + 9 * words.count("tea"), 1.0 + 9 * words.count("coffee")]
        return [*found, *[0.5] * (self.dims - 2)]

"""What the routes work with: definitions, requests, and where a run's state is read from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import msgspec
import structlog
from msgspec import structs

from runfold.background import end, until
from runfold.bus.ports.bus import Bus
from runfold.bus.run_log import RunLog
from runfold.bus.viewer import RunViewer
from runfold.client.connections import Connections
from runfold.client.hub import SharedLive
from runfold.client.knowledge import Knowledge
from runfold.client.plugins import Plugins
from runfold.client.refusals import refusal, refused
from runfold.client.run_lists import listed_runs
from runfold.client.runs import RunClient
from runfold.client.schedules import Schedules
from runfold.client.trials import Trials
from runfold.client.workflows import WorkflowClient
from runfold.connections.sealing import sealer_of
from runfold.connections.store import ConnectionStore
from runfold.contracts import queries as q
from runfold.contracts.cursors import wait_after
from runfold.contracts.requests import RunRequest
from runfold.contracts.tasks import DeadLetter
from runfold.conversations.all import Conversations
from runfold.definitions.models import WorkflowModels
from runfold.definitions.store import DefinitionStore
from runfold.definitions.subjects import SubjectTable
from runfold.definitions.webhooks import WebhookTable
from runfold.engine.history.fold import Plans
from runfold.engine.state.runs import UNENDED
from runfold.engine.views.runs import RunView, WaitingNode
from runfold.errors import (
    ArchiveCorrupt,
    BusUnavailable,
    Conflict,
    InvalidRequest,
    NotFound,
    UnknownRun,
)
from runfold.ids import is_token, run_of_review
from runfold.lru import LruMap
from runfold.plugins.store import PluginStore
from runfold.settings import Settings
from runfold_gateway.broadcast import Broadcasts
from runfold_gateway.changes import ChangeBoard
from runfold_gateway.http.bodies import Req
from runfold_gateway.idempotency import IdempotencyKeys
from runfold_gateway.webhooks.replies import Reply, first_reply

log = structlog.get_logger("gateway")

RECENT = 10_000
"""Accepted runs that are remembered until their log begins."""
REFUSED = "request.refused"
T = TypeVar("T")
Leaving = Coroutine[Any, Any, None] | None


class Backend:
    """Shared by all routes of one gateway.

    Args:
        bus: The bus.
        settings: Limits.
    """

    def __init__(self, bus: Bus, settings: Settings) -> None:
        self.bus = bus
        self.settings = settings
        self.definitions = DefinitionStore(bus.definitions)
        self.workflows = WorkflowClient(self.definitions)
        self.viewer = RunViewer(bus, queue=settings.viewer_queue, live=SharedLive(bus.live))
        self.broadcasts = Broadcasts(self.viewer, settings.viewer_queue)
        self.changes = ChangeBoard(bus)
        self.runs = RunClient(bus, self.viewer)
        self.trials = Trials(bus)
        self.schedules = Schedules(bus, self.definitions)
        self.knowledge = Knowledge(bus)
        self.webhooks = WebhookTable(self.definitions)
        self.subjects = SubjectTable(self.definitions)
        self.models = WorkflowModels(self.definitions)
        self.plans = Plans()
        self.run_log = RunLog(bus, self.plans)
        self.plugins = Plugins(PluginStore(bus.plugins))
        self.connections = Connections(
            ConnectionStore(bus.connections, lambda: sealer_of(settings))
        )
        self.conversations = Conversations(bus)
        self._keys = IdempotencyKeys(bus)
        self._accepted: LruMap[str, int] = LruMap(RECENT)
        """Runs that were asked for here, and the request's sequence where it is known, else 0."""
        self._draining = asyncio.Event()

    def drain(self) -> None:
        """Let go of all who wait for something of a run; they ask again elsewhere."""
        self._draining.set()
        self.broadcasts.drain()
        self.changes.drain()

    async def close(self) -> None:
        """Read nothing more, once all requests are answered."""
        await self.changes.close()

    async def ended(self, run_id: str, within: float, leaving: Leaving = None) -> RunView | None:
        """A run once it has ended; None when it has not in time, or we are to stop.

        None as well when something keeps us from seeing it: who waits has a run all the same, and
        asks for it again.

        Raises:
            InvalidRequest: A scheduler refused the request.
        """
        return await self.seen(run_id, self.runs.wait(run_id, within), within, leaving)

    async def replied(
        self, run_id: str, within: float, leaving: Leaving = None
    ) -> Reply | RunView | None:
        """What a run answers, or the run when it has ended without; None as `ended` gives it.

        Raises:
            InvalidRequest: A scheduler refused the request.
        """

        async def reply() -> Reply | RunView | None:
            found = await first_reply(self.viewer, self.plans, run_id)
            return found or await self.runs.get(run_id)

        return await self.seen(run_id, reply(), within, leaving)

    async def seen(
        self,
        run_id: str,
        seeing: Coroutine[Any, Any, T | None],
        within: float,
        leaving: Leaving = None,
    ) -> T | None:
        """What comes of looking at a run; None when nothing does in time.

        `leaving` ends when the client goes away: the run is looked at no longer.
        """
        looking = asyncio.create_task(seeing)
        refusing = asyncio.create_task(self._refused(run_id))
        gone = [asyncio.create_task(leaving)] if leaving is not None else []
        try:
            await until(self._draining, looking, refusing, *gone, timeout=within)
            if looking.done():
                return looking.result()
            reason = refusing.result() if refusing.done() else ""
        except Exception:
            log.warning("cannot wait for a run", run_id=run_id, exc_info=True)
            return None
        finally:
            await end(looking, refusing, *gone)
        if reason:
            raise InvalidRequest(reason, code=REFUSED)
        return None

    async def watched(
        self, run_id: str, pieces: AsyncGenerator[T, None], *, silence: float
    ) -> AsyncGenerator[T | None, None]:
        """Pieces that tell of a run, as they come; None after each time of silence.

        Raises:
            InvalidRequest: A scheduler refused the request for the run.
            BusUnavailable: `gateway.stopping`: we are to stop.
        """
        refusing = asyncio.create_task(self._refused(run_id))
        coming = asyncio.create_task(_next(pieces))
        try:
            while True:
                if await until(self._draining, coming, refusing, timeout=silence):
                    message = "the gateway stops; the run goes on: ask for its events again"
                    raise BusUnavailable(message, code="gateway.stopping")
                if not coming.done():
                    if refusing.done():
                        raise InvalidRequest(refusing.result(), code=REFUSED)
                    yield None
                    continue
                if (piece := coming.result()) is None:
                    return
                yield piece
                coming = asyncio.create_task(_next(pieces))
        finally:
            await end(coming, refusing)
            await pieces.aclose()

    async def begun(self, run_id: str, within: float) -> None:
        """Wait until a run that was asked for has begun, is refused, or is not seen to in time.

        Raises:
            NotFound: It was refused.
        """
        started = asyncio.create_task(self._first_event(run_id))
        refusing = asyncio.create_task(self._refused(run_id))
        try:
            await until(self._draining, started, refusing, timeout=within)
            if refusing.done():
                raise NotFound(refusing.result(), code=REFUSED)
        finally:
            await end(started, refusing)

    async def _first_event(self, run_id: str) -> None:
        async for _ in self.viewer.follow(run_id):
            return

    async def _refused(self, run_id: str) -> str:
        """Wait until the request for a run is refused; returns what to say of it."""
        return _said_of(await refused(self.bus, run_id, seq=self._accepted.get(run_id) or 0))

    async def start(self, request: RunRequest, *, asked_version: str) -> str:
        """Ask for a run, once per idempotency key; returns its id.

        `asked_version` is what the client said, which stays the same when another is published.
        """
        if request.idempotency_key:
            await self._keys.claim(request, asked_version)
        asked = await self.runs.ask(request)
        self._accepted[asked.run_id] = asked.seq
        return asked.run_id

    async def run(self, run_id: str) -> RunView | None:
        """A run's state: from a projection, else from its log; None while it is only queued.

        Raises:
            NotFound: No such run, or the request for it was refused.
        """
        found = await self._projected(run_id)
        if is_token(run_id) and (found is None or await self._is_behind(found)):
            found = await self.runs.get(run_id)
        if found is None:
            seq = self._accepted.get(run_id) or 0
            letter = await refusal(self.bus, run_id, seq=seq) if is_token(run_id) else None
            if letter is not None:
                raise NotFound(_said_of(letter), code=REFUSED)
            if run_id not in self._accepted:
                raise UnknownRun(run_id)
        return found

    async def cancel(self, run_id: str, reason: str) -> None:
        """Ask for a run to be ended.

        Raises:
            NotFound: No such run.
            Conflict: It has ended.
        """
        view = await self.run(run_id)
        if view is not None and view.status not in UNENDED:
            view = await self.run_from_log(run_id)
        if view is not None and view.status not in UNENDED:
            message = f"run {run_id!r} has ended already: it is {view.status}"
            raise Conflict(message, code="run.ended", details={"run_status": view.status})
        await self.runs.cancel(run_id, reason)

    async def successor(self, begin: Callable[[RunClient], Awaitable[str]]) -> str:
        """Ask for a run that goes on from another; returns its id."""
        run_id = await begin(self.runs)
        self._accepted[run_id] = 0
        return run_id

    async def run_from_log(self, run_id: str, *, until: int | None = None) -> RunView:
        """A run's state by its log, the newest or up to a sequence. Raises `NotFound`."""
        found = await self.runs.get(run_id, until=until) if is_token(run_id) else None
        if found is None:
            raise UnknownRun(run_id, until)
        return found

    async def list_runs(self, query: q.ListRuns) -> q.Answer[RunView]:
        """A page of runs."""
        return await listed_runs(self.bus, self.runs, query)

    async def waiting(self, query: q.GetWaiting) -> tuple[list[WaitingNode], str]:
        """A page of nodes that wait for a person, and the cursor of the next."""
        wait_after(query.cursor)
        body = await self.bus.query(q.GET_WAITING, msgspec.json.encode(query))
        page = msgspec.json.decode(body, type=q.Answer[WaitingNode])
        if page.too_large:
            return [await self._whole_node(node) for node in page.items], page.next_cursor
        return page.items, page.next_cursor

    async def _whole_node(self, node: WaitingNode) -> WaitingNode:
        """A waiting node as its log has it; as it came, when that is gone or damaged."""
        token = node.waiting.token if node.waiting else ""
        try:
            run = await self.run_from_log(run_of_review(token))
        except (NotFound, ArchiveCorrupt, Conflict) as error:
            log.warning("review listed without its values", review=token, reason=str(error))
            return node
        found = next((one for one in run.nodes if one.address == node.address), node)
        return WaitingNode(**structs.asdict(found) | {"workflow_id": node.workflow_id})

    async def _is_behind(self, view: RunView) -> bool:
        """Whether the log has more of a run in progress than a projection had folded.

        A client that has just seen the run end must not read that it still runs.
        """
        if view.status not in UNENDED:
            return False
        return bool(await self.bus.events.read_run(view.run_id, after=view.last_seq))

    async def _projected(self, run_id: str) -> RunView | None:
        try:
            body = await self.bus.query(q.GET_RUN, msgspec.json.encode(q.GetRun(run_id)))
        except BusUnavailable:
            # Without a projection the log still knows; without NATS reading it says so.
            return None
        return msgspec.json.decode(body, type=q.Answer[RunView]).item


async def _next(pieces: AsyncGenerator[T, None]) -> T | None:
    return await anext(pieces, None)


def _said_of(letter: DeadLetter) -> str:
    return f"the request for run {letter.run_id!r} was refused: {letter.reason}"


def backend_of(request: Req) -> Backend:
    """The backend of the gateway that a request came to."""
    backend: Backend = request.app.state.backend
    return backend

"""Row 5c: a data executor is killed in the middle of indexing, again and again."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from runfold.client.knowledge import Knowledge
from runfold.client.knowledge_job import job_request
from runfold.contracts.knowledge import Page
from runfold.errors import NotFound
from runfold.settings import Settings
from runfold_executor_data.knowledge.opening import open_store
from tests.support.embedder import Embedder
from tests.support.faults import faulty

pytest.importorskip(
    "semantic_text_splitter", reason="cutting texts: pip install 'runfold[knowledge]'"
)
pytestmark = pytest.mark.slow

SERVICES = {"scheduler": "scheduler", "data": "executor-data"}
PARTS = 250
TEXT = "\n\n".join(f"# Part {number}\n\nTea number {number}." for number in range(PARTS))


@pytest_asyncio.fixture
async def embedder() -> AsyncIterator[Embedder]:
    served = Embedder()
    async with served.http:
        yield served


async def test_a_job_whose_executor_is_killed_at_every_step_loses_nothing(
    tmp_path: Path, embedder: Embedder
) -> None:
    shared = {
        "RUNFOLD_DATA_DIR": str(tmp_path / "shared"),
        "RUNFOLD_MAX_DELIVER": "9",
        "OPENAI_BASE_URL": embedder.base_url,
        "OPENAI_API_KEY": "none",
    }
    armed = {"data": "knowledge.batch=kill"}
    async with faulty(tmp_path, SERVICES, armed, **shared) as here:
        knowledge = Knowledge(here.bus)
        await knowledge.create("tea", embedding_model="two")
        document = {"id": "long", "name": "Long", "text": TEXT}
        run_id = await here.runs.start(job_request("tea", [document]))
        for point in ("knowledge.added=kill", "knowledge.finished=kill"):
            assert await here.cluster.processes["data"].ended() == -signal.SIGKILL
            assert await found_in(tmp_path / "shared") == []
            here.cluster.arm("data", point)
            await here.cluster.start("data")
        assert await here.cluster.processes["data"].ended() == -signal.SIGKILL
        assert await found_in(tmp_path / "shared") == list(range(PARTS))
        await here.cluster.start("data")
        view = await here.ended(run_id, 60)
        assert view.status == "succeeded"
        assert view.outputs == {"base": "tea", "documents": 1, "failed": [], "failed_count": 0}
        base = await knowledge.base("tea")
        assert (base.documents, base.chunks) == (1, PARTS)
        assert await found_in(tmp_path / "shared") == list(range(PARTS))
    # What was stored before a kill was not asked for again.
    assert set(embedder.texts) == {
        f"# Part {number}\n\nTea number {number}." for number in range(PARTS)
    }
    assert len(embedder.texts) == PARTS


async def found_in(data_dir: Path) -> list[int]:
    """The places of the chunks that readers have of the document, in their order."""
    store = await open_store(Settings(data_dir=data_dir))
    try:
        assert len((await store.documents("tea", Page())).items) <= 1
        places: list[int] = []
        page = await store.chunks("tea", "long", Page(limit=200))
        places += [one.index for one in page.items]
        while page.next_cursor:
            page = await store.chunks("tea", "long", Page(limit=200, cursor=page.next_cursor))
            places += [one.index for one in page.items]
    except NotFound:
        return []
    finally:
        await store.close()
    return places

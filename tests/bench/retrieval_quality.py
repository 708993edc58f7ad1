"""How often a search finds what answers a question: `python -m tests.bench.retrieval_quality`.

Prints recall@5 of the three modes as a table: in how many of the questions one of the first five
chunks is of the page, and under the heading, that answers. The texts are this repository's guides
and pages of node kinds, cut by headings, and a small Chinese handbook; the questions were written
by hand, half of them in words of the text, half in other words. Vectors are those of the extra
`local-embed`, or with `--model` of any model of an endpoint that OPENAI_BASE_URL names.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import openai

from runfold.contracts.chunking import Chunking
from runfold.contracts.knowledge import (
    BaseSpec,
    Chunk,
    Document,
    Embedding,
    Hit,
    Mode,
    Query,
    QueryVector,
)
from runfold.settings import Settings
from runfold_executor_data.knowledge.chunking.cutting import chunks_of
from runfold_executor_data.knowledge.local_model import EMBEDDING, LocalModel
from runfold_executor_data.knowledge.opening import open_store
from runfold_executor_data.knowledge.staging import indexed_text
from runfold_executor_data.knowledge.store import KnowledgeStore

ROOT = Path(__file__).parents[2]
PAGES = ("docs/guides", "docs/reference/nodes")
TOP = 5
BATCH = 64
MODES: tuple[Mode, ...] = ("semantic", "full_text", "hybrid")


class Question(NamedTuple):
    """A question, and what answers it."""

    text: str
    page: str
    heading: str = ""


SAME_WORDS = (
    Question("How long are the bytes of a file kept?", "files", "How long bytes are kept"),
    Question(
        "What does a pause hold, and what does it not?", "control-a-run", "What a pause holds"
    ),
    Question("several providers of models", "models", "Several providers"),
    Question("prices of models", "models", "Prices"),
    Question("What begins compensation?", "compensate", "What begins it"),
    Question("deliveries of a webhook that come again", "webhooks", "Deliveries that come again"),
    Question("Who may send to a webhook?", "webhooks", "Who may send"),
    Question("send events to a state machine", "state-machines"),
    Question("models without tools in an agent", "agents", "Models without tools"),
    Question("expose a workflow as a tool over MCP", "mcp", "A workflow as a tool"),
    Question("change a draft from TypeScript", "api-from-typescript", "Change a draft"),
    Question("back up a cluster", "run-a-cluster", "Back up"),
    Question("upgrade a cluster", "run-a-cluster", "Upgrade"),
    Question("the fastest branch wins", "control-the-flow", "The fastest wins"),
    Question("finish reasons: what ends an answer", "models", "What ends an answer"),
    Question("timeout of a human review node", "human_review"),
    Question("rerank documents with an endpoint", "rerank"),
    Question("fast and full mode of intent", "intent"),
)
OTHER_WORDS = (
    Question("Stop hammering an API that is overloaded", "protect-a-node"),
    Question("circuit breaker when a dependency has an outage", "protect-a-node"),
    Question("roll back earlier steps after something went wrong", "compensate"),
    Question("ask a manager for approval before continuing", "ask-people"),
    Question("upload an attachment and use it in a workflow", "files", "Give a run a file"),
    Question("chatbot that remembers earlier turns", "conversations"),
    Question("trigger automation from GitHub", "webhooks"),
    Question("deploy on several machines with high availability", "run-a-cluster"),
    Question("give the assistant permission limits so it cannot loop forever", "agents"),
    Question("debug an old execution step by step", "replay-and-audit"),
    Question("why is my execution stuck and doing nothing", "control-a-run", "stands still"),
    Question("write my own step type in Python", "add-a-node-kind"),
    Question("what does it cost me to use GPT", "models", "Prices"),
    Question("run the same steps for every element of an array", "iteration"),
    Question("read the writing in a scanned image", "ocr"),
    Question("repeat until a test is passed", "loop"),
    Question("use the API from a browser page of another site", "call-the-api", "From a page"),
    Question("add more worker processes for throughput", "scale-an-executor"),
)
HANDBOOK = {
    "退款": "购买后七天内可以申请退款。款项会在三个工作日内退回原支付账户。",
    "发票": "电子发票在订单完成后自动开具,可在订单详情页下载。",
    "密码": "忘记密码时,点击登录页的重置链接,系统会发送验证码到手机。",
    "请假": "员工请假须提前两天在系统中提交,由直属上级审批。",
    "报销": "差旅费用凭发票报销,单笔超过五千元需要财务总监签字。",
    "考勤": "上班时间为上午九点,迟到三次扣除半天年假。",
    "会议室": "会议室可提前一周预订,超过十五分钟未到视为放弃。",
    "保修": "产品保修期为两年,人为损坏不在保修范围之内。",
    "配送": "标准配送需要三到五天,偏远地区可能延迟。",
    "会员": "年度消费满一万元自动升级为金卡会员,享受九折优惠。",
    "数据安全": "客户数据只能存放在加密的服务器上,禁止复制到个人电脑。",
    "入职": "新员工入职当天领取电脑和工牌,并参加安全培训。",
    "离职": "离职须提前三十天书面通知,并完成工作交接。",
    "食堂": "食堂提供早餐和午餐,素食窗口在二楼。",
    "停车": "地下车库月租三百元,访客车辆前两小时免费。",
    "加班": "周末加班可以选择调休或者加班费,须事先获得批准。",
}
CHINESE = (
    Question("如何申请退款?", "退款"),
    Question("钱什么时候退回来", "退款"),
    Question("在哪里下载发票", "发票"),
    Question("登录不了怎么办", "密码"),
    Question("我想休息几天要找谁批准", "请假"),
    Question("出差花的钱怎么拿回来", "报销"),
    Question("迟到会怎么样", "考勤"),
    Question("预订会议室", "会议室"),
    Question("东西坏了免费修吗", "保修"),
    Question("快递要多久", "配送"),
    Question("怎样成为金卡会员", "会员"),
    Question("能把客户资料拷到自己的笔记本吗", "数据安全"),
    Question("不想干了要提前多久说", "离职"),
    Question("开车来的客人收费吗", "停车"),
    Question("星期六上班有补偿吗", "加班"),
    Question("中午在公司吃饭", "食堂"),
)
Embed = Callable[[Sequence[str]], list[list[float]]]


async def quality(embedding: Embedding, embed: Embed) -> list[tuple[str, dict[Mode, float]]]:
    """Recall of each set of questions by mode."""
    documents = {
        page.stem: page.read_text() for folder in PAGES for page in (ROOT / folder).glob("*.md")
    }
    with tempfile.TemporaryDirectory() as folder:
        store = await open_store(Settings(data_dir=Path(folder)))
        try:
            chunks = await _index(store, "docs", embedding, embed, documents)
            handbook = await _index(store, "handbook", embedding, embed, HANDBOOK)
            sets = (
                (f"English, words of the text ({chunks} chunks)", "docs", SAME_WORDS),
                ("English, other words", "docs", OTHER_WORDS),
                (f"Chinese ({handbook} chunks)", "handbook", CHINESE),
            )
            return [
                (name, await _recalls(store, base, embedding, embed, questions))
                for name, base, questions in sets
            ]
        finally:
            await store.close()


async def _index(
    store: KnowledgeStore, base: str, embedding: Embedding, embed: Embed, texts: dict[str, str]
) -> int:
    await store.create_base(BaseSpec(base, embedding=embedding))
    count = 0
    for name, text in texts.items():
        chunks = chunks_of(name, text, Chunking("headings"))
        generation = await store.begin(base, Document(name, name, "1"), embedding)
        vectors = [vector for part in _parts(chunks) for vector in embed(part)]
        await store.add(generation, chunks, vectors)
        await store.finish(generation, chunks=len(chunks))
        count += len(chunks)
    return count


def _parts(chunks: Sequence[Chunk]) -> list[list[str]]:
    texts = [indexed_text(one) for one in chunks]
    return [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]


async def _recalls(
    store: KnowledgeStore,
    base: str,
    embedding: Embedding,
    embed: Embed,
    questions: Sequence[Question],
) -> dict[Mode, float]:
    vectors = embed([one.text for one in questions])
    recalls: dict[Mode, float] = {}
    for mode in MODES:
        found = 0
        for question, vector in zip(questions, vectors, strict=True):
            query = Query(mode, question.text, (QueryVector(embedding, tuple(vector)),), top_k=TOP)
            found += any(_answers(hit, question) for hit in await store.search([base], query))
        recalls[mode] = found / len(questions)
    return recalls


def _answers(hit: Hit, question: Question) -> bool:
    under = " / ".join(hit.chunk.headings)
    return hit.document.id == question.page and question.heading in under


def _local() -> Embed:
    model = LocalModel()
    return lambda texts: model.vectors(texts).tolist()


def _endpoint(name: str) -> Embed:
    client = openai.OpenAI()

    def embed(texts: Sequence[str]) -> list[list[float]]:
        answer = client.embeddings.create(model=name, input=list(texts), encoding_format="float")
        return [one.embedding for one in answer.data]

    return embed


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="", help="a model of the endpoint OPENAI_BASE_URL")
    model = parser.parse_args().model
    embedding, embed = (Embedding("", model), _endpoint(model)) if model else (EMBEDDING, _local())
    rows = asyncio.run(quality(embedding, embed))
    print(f"recall@{TOP}, vectors of {embedding.provider or 'endpoint'}/{embedding.model}")
    print(f"{'questions':44} {' '.join(f'{mode:>9}' for mode in MODES)}")
    for name, recalls in rows:
        print(f"{name:44} {' '.join(f'{recalls[mode]:9.2f}' for mode in MODES)}")


if __name__ == "__main__":
    main()

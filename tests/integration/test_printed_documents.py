"""The workflows that published guides print, taken out of their texts and run.

The texts lie beside the checkout; where they do not, there is nothing to take.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.support.import_cases import CaseRunner, case_runner
from tests.support.printed_snippets import snippets
from tests.support.stack import running

GUIDES = Path(__file__).parents[3] / "shared" / "seeds"
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not GUIDES.is_dir(), reason="the guides' texts are not beside the checkout"),
]


def guide(number: str) -> str:
    (path,) = GUIDES.glob(f"{number}_*.txt")
    return path.read_text()


def tutorial(workflow_id: str) -> bytes:
    """A document of the tutorial, as it is printed."""
    blocks = re.findall(r"^json\n(\{\n.*?^\})", guide("001"), re.DOTALL | re.MULTILINE)
    # One is printed twice: the second time whole.
    return str([one for one in blocks if f'"id": "{workflow_id}"' in one][-1]).encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner() -> AsyncIterator[CaseRunner]:
    async with AsyncExitStack() as stack:
        yield await case_runner(stack, running)


PIPELINE = [
    {"when": "内容", "text": "x", "times": 0},
    {"when": "评估以下文章", "text": "8分:很好"},
    {"when": "大纲,包含", "text": "一、二"},
    {"when": "根据以下大纲", "text": "文章"},
]
TUTORIAL: list[Any] = [
    pytest.param(
        "content_pipeline",
        {
            "inputs": {"topic": "茶"},
            "model": PIPELINE,
            "answers": {"review": ["approved"]},
            "expect": {"reached": ["review"], "not_reached": ["rewrite"]},
        },
        id="good-enough",
    ),
    pytest.param(
        "content_pipeline",
        {
            "inputs": {"topic": "茶"},
            "model": [
                {"when": "根据反馈修改", "text": "更好的文章"},
                {"when": "评估以下文章", "text": "没有数字"},
                *PIPELINE[2:],
            ],
            "answers": {"review": ["approved"]},
            "expect": {"reached": ["rewrite", "review"]},
        },
        id="a-condition-that-fails-is-false",
    ),
    pytest.param(
        "customer_service",
        {
            "inputs": {"message": "你好"},
            "rewrite": [["http://localhost:8000", "{stub}"]],
            "model": [
                {"when": "识别用户意图", "text": "product_inquiry"},
                {"when": "基于知识库", "text": "回答"},
            ],
            "http": [
                {
                    "path": "/api/search",
                    "json": {"hits": []},
                    "expect": {"method": "POST", "json": {"query": "你好", "top_k": 3}},
                }
            ],
            "expect": {"reached": ["kb_search", "answer"], "not_reached": ["human_agent"]},
        },
        id="an-inquiry",
    ),
    pytest.param(
        "customer_service",
        {
            "inputs": {"message": "退款"},
            "model": [{"when": "识别用户意图", "text": "refund"}],
            "answers": {"human_agent": ["approved"]},
            "expect": {"reached": ["human_agent"], "not_reached": ["kb_search", "answer"]},
        },
        id="a-refund",
    ),
    pytest.param(
        "data_pipeline",
        {
            "inputs": {"api_url": "{stub}/data"},
            "http": [
                {
                    "path": "/data",
                    "json": [
                        {"status": "active", "n": 1},
                        {"status": "gone"},
                        {"status": "active"},
                    ],
                }
            ],
            "model": [
                {"when": "分析以下数据", "text": "指标"},
                {"when": "基于以下", "text": "报告"},
            ],
            "expect": {"reached": ["fetch", "clean", "analyze", "report"]},
        },
        id="data",
    ),
    pytest.param(
        "template", {"model": [{"text": "done"}], "expect": {"reached": ["node_1"]}}, id="t"
    ),
]


@pytest.mark.parametrize(("workflow_id", "case"), TUTORIAL)
async def test_a_workflow_of_the_tutorial_runs_as_printed(
    runner: CaseRunner, tmp_path: Path, workflow_id: str, case: dict[str, Any]
) -> None:
    (tmp_path / "printed.json").write_bytes(tutorial(workflow_id))
    imported, view = await runner.run(tmp_path, {"file": "printed.json", **case})
    assert imported.format in ("tutorial", "native")  # some print nothing that is not runfold's own
    assert imported.status == "complete"
    reached = {one.node_id for one in view.nodes if one.status == "succeeded"}
    assert reached >= set(case["expect"].get("reached", ()))
    assert reached.isdisjoint(case["expect"].get("not_reached", ()))


def pattern_guide(title: str) -> bytes:
    """A workflow of the guide to patterns: from its title to the next heading."""
    text = guide("002")
    begin = text.index(title)
    found = re.compile(r"^name:.*?(?=^\d+(\.\d+)?\.? \S)", re.DOTALL | re.MULTILINE)
    match = found.search(text, begin)
    assert match is not None
    return match[0].encode()


DIFY: list[Any] = [
    pytest.param(
        "# Dify工作流配置示例",
        {
            "query": "这个产品多少钱",
            "model": [
                {"when": "分析用户消息的意图", "text": '{"intent": "inquiry", "entities": {}}'},
                {"when": "你是一个客服助手", "text": "十元"},
            ],
            "expect": {"outputs": {"output": "十元"}},
        },
        id="an-inquiry",
    ),
    pytest.param(
        "# Dify工作流配置示例",
        {
            "query": "坏了",
            "model": [
                {"when": "分析用户消息的意图", "text": '{"intent": "complaint"}'},
                {"when": "高级客服代表", "text": "抱歉"},
            ],
            "expect": {"outputs": {"output": "抱歉"}},
        },
        id="a-complaint",
    ),
    pytest.param(
        "# Dify迭代器示例",
        {
            "inputs": {"items": ["甲", "乙"]},
            "model": [{"when": "甲", "text": "A"}, {"when": "乙", "text": "B"}],
            "expect": {
                "outputs": {
                    "output": {"final_result": '共处理 2 条数据\n结果:["A","B"]'},
                }
            },
        },
        id="an-iteration",
    ),
]


@pytest.mark.parametrize(("title", "case"), DIFY)
async def test_a_workflow_of_dify_runs_as_printed(
    runner: CaseRunner, tmp_path: Path, title: str, case: dict[str, Any]
) -> None:
    (tmp_path / "printed.yaml").write_bytes(pattern_guide(title))
    imported, _ = await runner.run(tmp_path, {"file": "printed.yaml", **case})
    assert (imported.format, imported.status) == ("dify", "approximated")


def printed_canvas() -> dict[str, Any]:
    """The canvas that the guide to Coze Plus prints."""
    return next(snippets(guide("000"), "nodes"))


async def test_the_canvas_of_coze_plus_runs_as_printed(runner: CaseRunner, tmp_path: Path) -> None:
    document = {"base": "123", "create": True, "text": "茶在二楼。", "name": "shop"}
    fill = {"id": "fill", "nodes": [{"id": "f", "type": "knowledge_index", "config": document}]}
    (tmp_path / "fill.json").write_text(json.dumps(fill))
    (tmp_path / "printed.json").write_text(json.dumps(printed_canvas()))
    await runner.run(tmp_path, {"file": "fill.json", "expect": {}})
    case = {
        "file": "printed.json",
        "inputs": {"question": "茶在二楼", "user_id": 7},
        "model": [{"when": "茶在二楼。", "text": "二楼"}],
        "expect": {"outputs": {"answer": "二楼"}},
    }
    imported, view = await runner.run(tmp_path, case)
    assert (imported.format, imported.status) == ("coze_plus", "complete")
    assert {need.kind for need in imported.needs} == {"model", "knowledge"}
    assert {one.status for one in view.nodes} == {"succeeded"}


REASON = "超过24小时不可取消"
REJECTED = {
    "intent": "cancel",
    "createdAt": "2020-01-01T00:00:00Z",
    "canCancel": False,
    "reason": REASON,
    "status": "rejected",
    "message": REASON,
}
UNKNOWN = {"intent": "sing", "message": "无法识别您的请求"}
LIMITED = {"query": {"q": "茶", "limit": "5"}}
N8N: list[Any] = [
    pytest.param(
        "# n8n工作流配置示例",
        {
            "inputs": {"items": [{"json": {"content": "长文", "style": "formal"}}]},
            "model": [{"when": "长文", "text": "短文"}],
            "expect": {},
        },
        ["转换", "LLM处理", "格式化", "响应"],
        id="a-summary",
    ),
    pytest.param(
        "# n8n分支工作流示例",
        {
            "inputs": {
                "items": [{"json": {"intent": "cancel", "createdAt": "2020-01-01T00:00:00Z"}}]
            },
            "expect": {"node_outputs": {"返回拒绝": [REJECTED]}},
        },
        ["取消订单流程", "条件判断", "返回拒绝"],
        id="an-order-that-is-too-old",
    ),
    pytest.param(
        "# n8n分支工作流示例",
        {
            "inputs": {"items": [{"json": {"intent": "sing"}}]},
            "expect": {
                "node_outputs": {"默认处理": [{"intent": "sing", "message": "无法识别您的请求"}]}
            },
        },
        ["默认处理"],
        id="an-intent-that-is-not-known",
    ),
    pytest.param(
        "# n8n Fan-out-Fan-in示例",
        {
            "inputs": {"items": [{"json": {"query": "茶"}}]},
            "rewrite": [["https://api.search.com", "{stub}"]],
            "http": [
                {"path": "/web", "json": {"source": "web"}, "expect": LIMITED},
                {"path": "/news", "json": {"source": "news"}},
                {"path": "/academic", "json": {"source": "academic"}},
            ],
            "expect": {},
        },
        ["Web搜索", "News搜索", "学术搜索", "合并", "聚合处理", "格式化"],
        id="three-searches",
    ),
]


@pytest.mark.parametrize(("title", "case", "reached"), N8N)
async def test_a_workflow_of_n8n_runs_as_printed(
    runner: CaseRunner, tmp_path: Path, title: str, case: dict[str, Any], reached: list[str]
) -> None:
    (tmp_path / "printed.yaml").write_bytes(pattern_guide(title))
    imported, view = await runner.run(tmp_path, {"file": "printed.yaml", **case})
    assert (imported.format, imported.status) == ("n8n", "approximated")
    sources = imported.definition["origin"]["nodes"]
    seen = {sources.get(one.node_id) for one in view.nodes if one.status == "succeeded"}
    assert seen >= set(reached)

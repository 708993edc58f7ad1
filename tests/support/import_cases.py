"""Cases of imported documents: scripted models and web services, people's answers, what comes out.

A case is an object as in `expected.json` of the samples: `file`, `inputs`, `query`, `model`,
`http`, `rewrite`, `answers`, `expect`.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

from runfold.bus.viewer import RunViewer
from runfold.cli.answering import reply_to
from runfold.contracts.events import NodeRunWaiting, Recorded
from runfold.contracts.requests import RunRequest
from runfold.engine.views.runs import RunView
from runfold.graph.loader import canonical_bytes, prepare
from runfold.importers.importing import SourceFile, import_files
from runfold.importers.report import Imported
from runfold.model_servers.completions import CompletionStream, completion, models, usage_of
from runfold.model_servers.http_server import LoopbackServer, Request, Responder
from tests.support.stack import Stack


class _Scripted(ABC):
    """A server on a port of this machine, up as long as it is entered."""

    def __init__(self) -> None:
        self._http = LoopbackServer(self._handle)

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, traceback)

    @abstractmethod
    async def _handle(self, request: Request, responder: Responder) -> None:
        """Answer one request."""


class MeaningServer(_Scripted):
    """A model that answers what a rule means, in the protocol that it is asked in.

    A rule has `text`, `fields` or `class` {id, name, index}, and may have `when` and `times`.
    """

    def __init__(self) -> None:
        self.rules: list[dict[str, Any]] = []
        self.unfit: list[str] = []
        super().__init__()

    @property
    def base_url(self) -> str:
        """What `OPENAI_BASE_URL` is to be."""
        return f"{self._http.origin}/v1"

    def script(self, rules: Sequence[dict[str, Any]]) -> None:
        """Begin a case."""
        self.rules = [dict(rule) for rule in rules]
        self.unfit = []

    async def _handle(self, request: Request, responder: Responder) -> None:
        if request.path == "/v1/models":
            await responder.json(200, models("scripted"))
            return
        body = request.json()
        said = json.dumps(body["messages"], ensure_ascii=False)
        rule = next((one for one in self.rules if self._fits(one, said)), None)
        if rule is None:
            self.unfit.append(said)
            await responder.json(400, {"error": {"message": "unscripted", "type": "unscripted"}})
            return
        rule["times"] = rule.get("times", 1_000) - 1
        message, finish = _message(rule, body)
        if not body.get("stream"):
            await responder.json(200, completion(body["model"], message, finish, usage_of(10, 5)))
            return
        stream = CompletionStream(responder, body["model"])
        await stream.start()
        calls = [{"index": at, **call} for at, call in enumerate(message.pop("tool_calls", ()))]
        await stream.delta({**message, **({"tool_calls": calls} if calls else {})})
        await stream.delta({}, finish)
        if (body.get("stream_options") or {}).get("include_usage"):
            await stream.usage(usage_of(10, 5))
        await stream.finish()

    @staticmethod
    def _fits(rule: dict[str, Any], said: str) -> bool:
        return rule.get("times", 1) > 0 and rule.get("when", "") in said


def _message(rule: dict[str, Any], body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The message that means what the rule says, and why it ends."""
    if "fields" in rule:
        text = json.dumps(rule["fields"], ensure_ascii=False)
        if tools := body.get("tools"):
            function = {"name": tools[0]["function"]["name"], "arguments": text}
            call = {"id": "call_1", "type": "function", "function": function}
            return {"content": None, "tool_calls": [call]}, "tool_calls"
        return {"content": text}, "stop"
    if "class" in rule:
        return {"content": _class(rule["class"], str(body["messages"]))}, "stop"
    return {"content": rule["text"]}, "stop"


def _class(meant: dict[str, Any], asked: str) -> str:
    if "number of the class alone" in asked:
        return str(meant["index"])
    label = next(
        (name for name in (meant["name"], meant["id"]) if f"{name}" in asked), meant["name"]
    )
    if "name of the class alone" in asked:
        return str(label)
    return json.dumps({"reason": "it is", "class": label}, ensure_ascii=False)


class WebStub(_Scripted):
    """Answers by path, and keeps what it was asked."""

    def __init__(self) -> None:
        self.rules: list[dict[str, Any]] = []
        self.problems: list[str] = []
        super().__init__()

    @property
    def origin(self) -> str:
        """Its address, without a path."""
        return self._http.origin

    def script(self, rules: Sequence[dict[str, Any]]) -> None:
        """Begin a case."""
        self.rules = list(rules)
        self.problems = []

    async def _handle(self, request: Request, responder: Responder) -> None:
        rule = next((one for one in self.rules if one["path"] == request.path), None)
        if rule is None:
            await responder.json(404, {"error": f"no {request.path}"})
            return
        self._compare(rule.get("expect", {}), request)
        status = rule.get("status", 200)
        if "json" in rule:
            await responder.json(status, rule["json"])
        else:
            body = str(rule.get("body", "")).encode()
            await responder.body(status, {"content-type": "text/plain"}, body)

    def _compare(self, expected: dict[str, Any], request: Request) -> None:
        query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
        seen: dict[str, Any] = {"method": request.method, "query": query}
        seen["headers"] = {
            name: request.headers.get(name.lower()) for name in expected.get("headers", {})
        }
        if "json" in expected:
            seen["json"] = request.json()
        if "text" in expected:
            seen["text"] = request.body.decode()
        for key, value in expected.items():
            if seen.get(key) != value:
                self.problems.append(f"{key}: {seen.get(key)!r}, not {value!r}")


class CaseRunner:
    """Runs cases on a running system.

    Args:
        stack: The system, whose models are at `model`.
        model: The scripted model.
        web: The scripted web services.
    """

    def __init__(self, stack: Stack, model: MeaningServer, web: WebStub) -> None:
        self.stack = stack
        self.model = model
        self.web = web

    async def run(self, folder: Path, case: dict[str, Any]) -> tuple[Imported, RunView]:
        """Import a case's file, run it and compare; what is not as expected is an assertion."""
        self.model.script(case.get("model", ()))
        self.web.script(case.get("http", ()))
        names = [case["file"], *case.get("files", ())]
        files = [SourceFile(Path(name).stem, self._bytes(folder / name, case)) for name in names]
        imported = import_files(files)[0]
        assert isinstance(imported, Imported), imported
        view = await self._ran(imported.definition, case)
        self._check(imported, view, case["expect"])
        assert not self.web.problems
        return imported, view

    def _here(self, value: Any) -> Any:
        return value.replace("{stub}", self.web.origin) if isinstance(value, str) else value

    def _bytes(self, path: Path, case: dict[str, Any]) -> bytes:
        text = path.read_text()
        for old, new in case.get("rewrite", ()):
            text = text.replace(old, new.replace("{stub}", self.web.origin))
        return text.encode()

    async def _ran(self, definition: dict[str, Any], case: dict[str, Any]) -> RunView:
        workflow, _ = prepare(definition)
        inputs = {name: self._here(value) for name, value in case.get("inputs", {}).items()}
        if "query" in case:
            inputs["query"] = case["query"]
        request = RunRequest(
            workflow_id=workflow.id,
            inputs=inputs,
            definition=msgspec.Raw(canonical_bytes(workflow)),
        )
        run_id = await self.stack.runs.start(request)
        sources = definition.get("origin", {}).get("nodes", {})
        answers = {node: list(said) for node, said in case.get("answers", {}).items()}
        async for message in RunViewer(self.stack.bus).follow(run_id):
            event = message.event if isinstance(message, Recorded) else None
            if isinstance(event, NodeRunWaiting):
                said = answers.get(sources.get(event.node_id, event.node_id))
                if said:
                    await self.stack.runs.answer(reply_to(event, str(said.pop(0))))
        view = await self.stack.runs.get(run_id)
        assert view is not None
        return view

    def _check(self, imported: Imported, view: RunView, expect: dict[str, Any]) -> None:
        told = {one.address: (one.status, one.error) for one in view.nodes}
        assert view.status == expect.get("status", "succeeded"), (view.error, told)
        if "outputs" in expect:
            assert view.outputs == expect["outputs"]
        if "answer" in expect:
            assert view.outputs["answer"] == expect["answer"]
        sources = imported.definition.get("origin", {}).get("nodes", {})
        natives = {source: node for node, source in sources.items()}
        for node, items in expect.get("node_outputs", {}).items():
            wanted = natives.get(node, node)
            found = [one.outputs for one in view.nodes if one.address.split("/")[-1] == wanted]
            gone = [item["json"] for outputs in found for item in (outputs or {}).get("items", ())]
            assert gone == items, node


async def case_runner(stack: AsyncExitStack, running: Any) -> CaseRunner:
    """A runner with a system of its own, ended with the exit stack.

    Args:
        stack: Ends all of it.
        running: Opens a system: `tests.support.stack.running`.
    """
    model = await stack.enter_async_context(MeaningServer())
    web = await stack.enter_async_context(WebStub())
    services = ("scheduler", *(f"executor-{g}" for g in ("text", "code", "http", "llm", "data")))
    system = await stack.enter_async_context(running(services, model_url=model.base_url))
    return CaseRunner(system, model, web)

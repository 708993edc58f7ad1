"""Kind of node → the module that makes it. What is not here is a service of others."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from runfold.importers.n8n.ai import agents, chats, knowledge, structured
from runfold.importers.n8n.document import BASE, Node
from runfold.importers.n8n.entries import is_trigger
from runfold.importers.n8n.known import OF_AI, OF_BASE
from runfold.importers.n8n.parts import (
    batches,
    feed_reading,
    files,
    mcp_servers,
    operations,
    replies,
    requests,
    services,
    triggers,
    waits,
    workflows,
)
from runfold.importers.n8n.room import Part, Room
from runfold.importers.n8n.wiring import ALSO

Make = Callable[[Node, Room], Part]

PARTS: MappingProxyType[str, Make] = MappingProxyType(
    {
        **dict.fromkeys(operations.OPERATIONS, operations.make),
        **dict.fromkeys(files.KINDS, files.make),
        "splitInBatches": batches.make,
        "httpRequest": requests.make,
        "aiTransform": operations.transform,
        feed_reading.KIND: feed_reading.make,
        "executionData": operations.passing,
        "wait": waits.make,
        "respondToWebhook": replies.make,
        "executeWorkflow": workflows.make,
    }
)
"""Of the package `n8n-nodes-base`."""

AI_PARTS: MappingProxyType[str, Make] = MappingProxyType(
    {
        "agent": agents.agent,
        "chat": operations.passing,
        "chainLlm": agents.chain,
        "conversationalAgent": agents.agent,
        "chainRetrievalQa": knowledge.answers,
        "chainSummarization": structured.summary,
        "informationExtractor": structured.extractor,
        "textClassifier": structured.classifier,
        "sentimentAnalysis": structured.sentiment,
        **dict.fromkeys(
            ("openAi", "chatOpenAi", "anthropic", "googleGemini", "ollama", "mistralCloud"),
            chats.make,
        ),
    }
)
"""Of the package `@n8n/n8n-nodes-langchain`."""


def make(node: Node, room: Room) -> Part:
    """What a node becomes."""
    if node.is_disabled:
        return operations.passed_on(node, room)
    part = _maker(node)(node, room)
    return operations.warned(node, part)


_TEST_DATA = "n8n-nodes-testing.testData"
"""What n8n's own tests of its nodes begin with."""


def _maker(node: Node) -> Make:
    if node.type == _TEST_DATA:
        return operations.make
    if node.kind == ALSO:
        return triggers.empty
    if node.kind == mcp_servers.KIND:
        return mcp_servers.make
    if is_trigger(node):
        return triggers.make
    if _is_ai(node):
        if node.kind.startswith("vectorStore"):
            return knowledge.store
        return AI_PARTS.get(node.kind, services.make)
    if _is_base(node):
        if node.kind == "openAi":
            return chats.make
        return PARTS.get(node.kind, services.make)
    return services.make


def _is_ai(node: Node) -> bool:
    """Whether a type is of the package for models, also where a fork has renamed that."""
    return "langchain" in node.package or (not node.package and node.kind in OF_AI - OF_BASE)


def _is_base(node: Node) -> bool:
    return (
        node.package == BASE
        or node.package.endswith("nodes-base")
        or (not node.package and node.kind in OF_BASE)
    )

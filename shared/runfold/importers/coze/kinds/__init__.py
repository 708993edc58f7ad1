"""Every type of nodes of Coze by its number, and what makes a native node of it."""

from __future__ import annotations

from runfold.importers.coze.canvas import BATCH, Block
from runfold.importers.coze.kinds import (
    aggregator,
    assigner,
    batch,
    code,
    conversations,
    databases,
    ends,
    http,
    inputs,
    intent,
    json_text,
    knowledge,
    llm,
    loop,
    messages,
    placeholders,
    question,
    selector,
    sub_workflow,
    text,
    timer,
)
from runfold.importers.coze.step import Kind

KINDS: dict[str, Kind] = {
    "1": ends.START,
    "2": ends.END,
    "3": llm.LLM,
    "4": placeholders.PLUGIN,
    "5": code.CODE,
    "6": knowledge.RETRIEVE,
    "8": selector.SELECTOR,
    "9": sub_workflow.SUB_WORKFLOW,
    "12": databases.SQL,
    "13": messages.MESSAGE,
    "15": text.TEXT,
    "18": question.QUESTION,
    "19": loop.BREAK,
    "20": loop.SET_VARIABLE,
    "21": loop.LOOP,
    "22": intent.INTENT,
    "27": knowledge.WRITE,
    BATCH: batch.BATCH,
    "29": loop.CONTINUE,
    "30": inputs.INPUT,
    "32": aggregator.AGGREGATOR,
    "37": conversations.MESSAGE_LIST,
    "38": conversations.CLEAR,
    "39": conversations.CREATE,
    "40": assigner.ASSIGNER,
    "42": databases.UPDATE,
    "43": databases.QUERY,
    "44": databases.DELETE,
    "45": http.HTTP,
    "46": databases.INSERT,
    "51": conversations.UPDATE,
    "52": conversations.DELETE,
    "53": conversations.LIST,
    "54": conversations.HISTORY,
    "55": conversations.MESSAGE_CREATE,
    "56": conversations.MESSAGE_EDIT,
    "57": conversations.MESSAGE_DELETE,
    "58": json_text.TO_JSON,
    "59": json_text.FROM_JSON,
    "60": knowledge.DELETE,
    "1001": timer.TIMER,
    **placeholders.HOSTED,
}


def kind_of_block(block: Block) -> Kind:
    """What makes a native node of a node; of an unknown type a placeholder that says so."""
    return KINDS.get(block.type, placeholders.UNKNOWN)

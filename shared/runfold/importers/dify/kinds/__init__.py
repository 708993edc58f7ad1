"""One module a node type of Dify, in one table: what a node becomes, how its outputs are called.

start              the run's inputs                  → values
triggers           webhook, schedule, plugin         → values, settings.webhooks / schedules
datasource         where a pipeline begins           → values
end, answer        what a run gives                  → end, answer
llm, agent         models                            → llm, agent
question_classifier, parameter_extractor             → intent, extract + aggregate
knowledge_retrieval, knowledge_index                 → knowledge_retrieve, knowledge_index
if_else            branches                          → selector
code, template_transform, http_request               → code, template, http_request
tool               tools                             → code, mcp, sub_workflow, placeholder
variable_aggregator, assigner                        → aggregate, assign
iteration, loop, inner_ends                          → iteration, loop, break
document_extractor, list_operator                    → document_extract, list
human_input        a form and a choice               → input + selector
"""

from __future__ import annotations

from runfold.importers.dify.flow import NodeKind
from runfold.importers.dify.kinds import (
    agent,
    answer,
    assigner,
    code,
    datasource,
    document_extractor,
    end,
    http_request,
    human_input,
    if_else,
    inner_ends,
    iteration,
    knowledge_index,
    knowledge_retrieval,
    list_operator,
    llm,
    loop,
    parameter_extractor,
    question_classifier,
    start,
    template_transform,
    tool,
    triggers,
    variable_aggregator,
)

KINDS: dict[str, NodeKind] = {
    "start": start.KIND,
    "trigger-webhook": triggers.WEBHOOK,
    "trigger-schedule": triggers.SCHEDULE,
    "trigger-plugin": triggers.PLUGIN,
    "datasource": datasource.KIND,
    "end": end.KIND,
    "answer": answer.KIND,
    "llm": llm.KIND,
    "agent": agent.KIND,
    "question-classifier": question_classifier.KIND,
    "parameter-extractor": parameter_extractor.KIND,
    "knowledge-retrieval": knowledge_retrieval.KIND,
    "knowledge-index": knowledge_index.KIND,
    "if-else": if_else.KIND,
    "code": code.KIND,
    "template-transform": template_transform.KIND,
    "http-request": http_request.KIND,
    "tool": tool.KIND,
    "variable-aggregator": variable_aggregator.KIND,
    "assigner": assigner.KIND,
    "iteration": iteration.KIND,
    "iteration-start": inner_ends.START,
    "loop": loop.KIND,
    "loop-start": inner_ends.START,
    "loop-end": inner_ends.END,
    "document-extractor": document_extractor.KIND,
    "list-operator": list_operator.KIND,
    "human-input": human_input.KIND,
}
"""Type → how nodes of it are imported. Notes become none."""

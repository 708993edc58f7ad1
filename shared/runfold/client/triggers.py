"""What begins runs from outside, as the API and the command list it: webhooks and subjects."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from runfold.definitions.subjects import SubjectStanding
from runfold.definitions.webhooks import WebhookTarget
from runfold.graph.webhooks import Answer, Method


class WebhookDocument(msgspec.Struct, frozen=True):
    """One webhook of a workflow's newest published version."""

    workflow_id: str
    version: int
    path: Annotated[str, Meta(description="What stands after `/hooks/`.")]
    methods: list[Method]
    auth: Annotated[str, Meta(description="How senders prove who they are, or `none`.")]
    answer: Answer
    conflict: Annotated[
        bool, Meta(description="Whether another workflow has the same path, so that none answers.")
    ]


class WebhookList(msgspec.Struct, frozen=True):
    """All webhooks, by workflow."""

    items: list[WebhookDocument]


class SubjectDocument(msgspec.Struct, frozen=True):
    """One subject of a workflow's newest published version."""

    workflow_id: str
    version: int
    stream: str
    subject: str
    active: Annotated[bool, Meta(description="Whether its messages come.")]
    problem: Annotated[str, Meta(description="Why they do not; empty when they do.")]
    waiting: Annotated[int, Meta(description="Messages that no scheduler has had yet.")]
    in_hand: Annotated[int, Meta(description="Messages that schedulers have, or put back.")]


class SubjectList(msgspec.Struct, frozen=True):
    """All subjects, by workflow."""

    items: list[SubjectDocument]


def subject_list(found: list[SubjectStanding]) -> SubjectList:
    """The subjects as the API lists them."""
    return SubjectList(
        [
            SubjectDocument(
                workflow_id=one.target.workflow_id,
                version=one.target.version,
                stream=one.target.subscription.stream,
                subject=one.target.subscription.subject,
                active=not one.standing.problem,
                problem=one.standing.problem,
                waiting=one.standing.waiting,
                in_hand=one.standing.in_hand,
            )
            for one in found
        ]
    )


def webhook_list(targets: tuple[WebhookTarget, ...]) -> WebhookList:
    """The webhooks as the API lists them."""
    owners: dict[str, set[str]] = {}
    for one in targets:
        owners.setdefault(one.webhook.path, set()).add(one.workflow_id)
    return WebhookList(
        [
            WebhookDocument(
                workflow_id=one.workflow_id,
                version=one.version,
                path=one.webhook.path,
                methods=list(one.webhook.methods),
                auth=_auth(one),
                answer=one.webhook.answer,
                conflict=len(owners[one.webhook.path]) > 1,
            )
            for one in targets
        ]
    )


def _auth(one: WebhookTarget) -> str:
    auth = one.webhook.auth
    return auth if isinstance(auth, str) else auth.type

"""What the API says of webhooks."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from runfold.definitions.webhooks import Target
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


def webhook_list(targets: tuple[Target, ...]) -> WebhookList:
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


def _auth(one: Target) -> str:
    auth = one.webhook.auth
    return auth if isinstance(auth, str) else auth.type

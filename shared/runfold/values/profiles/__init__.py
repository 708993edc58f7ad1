"""Rules of other systems about values, for nodes that were imported from them.

A node names its profile: `profile: dify`. Nodes without one, which is all that are written for
runfold, have none of this.

What a profile may say: how a value is written into text, what a name that leads nowhere stands for,
and what the operators of conditions mean. A rule that a setting of a node can say is a setting
instead, such as `fail_on_status: false` of an `http_request`.
"""

from __future__ import annotations

from runfold.values.profiles.coze import COZE
from runfold.values.profiles.dify import DIFY
from runfold.values.profiles.n8n import N8N
from runfold.values.profiles.rules import Rules
from runfold.values.profiles.tutorial import TUTORIAL

__all__ = ["PROFILES", "Rules", "forgives", "rules_of"]

PROFILES: dict[str, Rules] = {one.name: one for one in (DIFY, COZE, N8N, TUTORIAL)}
"""The profiles that a node may name."""

rules_of = PROFILES.get
"""The rules of a profile by its name; None for no profile."""


def forgives(profile: str) -> bool:
    """Whether a run has succeeded that went past a failure of a node with this profile."""
    rules = rules_of(profile)
    return rules is not None and rules.forgives

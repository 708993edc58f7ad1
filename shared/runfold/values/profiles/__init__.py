"""Rules of other systems about values, for nodes that were imported from them.

A node names its profile: `profile: dify`. Nodes without one, which is all that are written for
runfold, have none of this.

What a profile may say: how a value is written into text, what a name that leads nowhere stands for,
and what the operators of conditions mean. A rule that a setting of a node can say is a setting
instead, such as `fail_on_status: false` of an `http_request`.
"""

from __future__ import annotations

PROFILES = ("dify", "coze", "n8n", "tutorial")
"""The profiles that a node may name."""

"""Inside a run: its events by filters, its nodes' attempts, and what each attempt was given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
import pytest_asyncio

from runfold.contracts.events import NodeRunFailed, NodeRunRetry, NodeRunStarted
from runfold.contracts.requests import RunRequest
from runfold.executor import registry
from runfold.executor.node import NodeContext, NodeExecutor, Outcome
from runfold.graph.kinds import Kind
from runfold.graph.loader import canonical_bytes, prepare
from runfold.service.shell import run_services
from tests.support.stack import EVERYTHING, Stack, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

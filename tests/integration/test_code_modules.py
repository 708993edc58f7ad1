"""Modules that the Python sandbox is given: they answer as the standard library's do."""

# ruff: noqa: E501, ISC004 -- programs are written as authors write them

from __future__ import annotations

import builtins
import calendar
import csv
import hashlib
import heapq
import hmac
import html
import importlib
import io
import operator
import statistics
import string
import sys
import textwrap
import urllib.parse
import uuid
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
import pytest_asyncio

from runfold.errors import NodeFailed
from runfold.graph.kinds.code import CodeConfig
from runfold.graph.loader import load_workflow
from runfold.settings import Settings
from runfold.values.python_modules import ADDED, NATIVE, sandbox_lacks
from runfold.values.python_names import NAMES, NOT_BUILT_IN
from runfold_executor_code.code import run_code
from runfold_executor_code.opening import open_programs
from runfold_executor_code.sandbox import Limits, Program, ProgramFailed, Sandbox
from tests.support.node_contexts import RecordingContext

HERE = {
    "calendar": calendar,
    "csv": csv,
    "hashlib": hashlib,
    "heapq": heapq,
    "hmac": hmac,
    "html": html,
    "io": io,
    "operator": operator,
    "statistics": statistics,
    "string": string,
    "textwrap": textwrap,
    "urllib": urllib,
    "uuid": uuid,
}
LONG = (
    "The quick-witted fox, aged 42, jumped over  the lazy dog\tand a verylongwordindeed-it-is. " * 3
)
URLS = (
    "https://user:p%40ss@Example.com:8080/a/b;p=1/c;q?x=1&y=%20a+b#frag;z",
    "http://[::1]:80/x?a",
    "mailto:someone@example.com",
    "//host/path",
    "/only/path?q",
    "HTTP://a.b?x#y",
    "example.com/a:b",
    "",
    "http://host",
    "ftp://h/f;type=i",
)
DATA = ([1, 2, 3, 4], [2.5, 3.25, 5.5], [1, 1, 2, 3, 3], [0.1, 0.1, 0.1], [7], [10, 20, 30, 40, 50])
HTML = (
    "&lt;b&gt; &amp;amp; &quot;x&quot; &#39;&#x27;&#X41; &eacute; &copy &notit; &nosuch; & &; &#128; "
    "&#0; &#xD800; &#1114112; &CounterClockwiseContourIntegral; &hearts;&#9829; AT&T"
)
EXPRESSIONS = (
    *(f"urllib.parse.{name}({url!r})[:{size}]"
      for url in URLS for name, size in (("urlsplit", 5), ("urlparse", 6))),
    *(f"[getattr(urllib.parse.urlparse({url!r}), n) for n in ('hostname', 'port', 'username', 'password')]"
      for url in URLS),
    *(f"urllib.parse.urlunparse(urllib.parse.urlparse({url!r})[:6])" for url in URLS),
    *(f"urllib.parse.urlunsplit(urllib.parse.urlsplit({url!r})[:5])" for url in URLS),
    *(f"urllib.parse.{name}({text!r})" for text in ("a b&c/é?~", "", "100%", "日本", "+ %2B%zz%E9")
      for name in ("quote", "quote_plus", "unquote", "unquote_plus")),
    "urllib.parse.quote('a/b c', safe='')",
    "urllib.parse.urlencode({'q': 'a b&c', 'n': 1, 'é': None})",
    "urllib.parse.urlencode([('a', [1, 2]), ('b', 'x')], doseq=True)",
    *(f"urllib.parse.{name}('a=1&a=2&b=&c=%20+x&d')" for name in ("parse_qs", "parse_qsl")),
    "urllib.parse.parse_qs('a=&b', keep_blank_values=True)",
    *(f"statistics.{name}({data})" for data in DATA
      for name in ("mean", "fmean", "median", "median_low", "median_high", "mode", "multimode",
                   "pvariance", "pstdev", "harmonic_mean", "geometric_mean")),
    *(f"statistics.{name}({data})" for data in DATA if len(data) > 1
      for name in ("variance", "stdev", "quantiles")),
    "statistics.quantiles([1, 5, 7, 8, 2.5], n=10)",
    "statistics.quantiles([1, 5, 7, 8, 2.5], n=5, method='inclusive')",
    "statistics.fmean([1, 2, 3], [3, 2, 1])",
    "statistics.correlation([1, 2, 3, 5], [2, 4, 5, 9])",
    "statistics.covariance([1, 2, 3, 5], [2, 4, 5, 9])",
    "statistics.multimode([])",
    *(f"string.{name}" for name in ("ascii_letters", "digits", "punctuation", "whitespace",
                                    "hexdigits", "octdigits", "printable")),
    "string.capwords('hello  big world')",
    f"html.escape({HTML!r})",
    "html.escape('<a href=\"x\">', quote=False)",
    f"html.unescape({HTML!r})",
    *(f"textwrap.wrap({LONG!r}, {width})" for width in (5, 12, 20, 40, 70)),
    f"textwrap.wrap({LONG!r}, 20, break_long_words=False)",
    f"textwrap.wrap({LONG!r}, 25, initial_indent='* ', subsequent_indent='  ', max_lines=3)",
    f"textwrap.fill({LONG!r}, 30, break_on_hyphens=False)",
    *(f"textwrap.shorten({LONG!r}, {width})" for width in (10, 30, 60, 500)),
    "textwrap.shorten('Hello  world!', width=11, placeholder='…')",
    "textwrap.dedent('  a\\n    b\\n\\n   \\n  c')",
    "textwrap.dedent('\\ta\\n  b')",
    "textwrap.indent('a\\n\\nb\\n', '> ')",
    "textwrap.indent('a\\n\\nb', '> ', lambda line: True)",
    "[h := [5, 3, 8, 1, 9, 2], heapq.heapify(h), [heapq.heappop(h) for _ in range(6)]][2]",
    "[h := [], [heapq.heappush(h, x) for x in (5, 1, 4)], heapq.heappushpop(h, 0), heapq.heapreplace(h, 9), h][2:]",
    "heapq.nlargest(2, [3, 1, 2]), heapq.nsmallest(5, ['bb', 'a'], key=len)",
    "list(heapq.merge([1, 4], [2, 3]))",
    "sorted([{'a': 2}, {'a': 1}], key=operator.itemgetter('a'))",
    "operator.itemgetter(1, 0)('ab'), operator.add(1, 2), operator.contains([1], 1)",
    "[getattr(operator, n)(7, 2) for n in ('sub', 'mul', 'truediv', 'floordiv', 'mod', 'lt', 'ge', 'xor')]",
    "hmac.new(b'key', b'message', 'sha256').hexdigest()",
    "hmac.new(b'k' * 200, b'message', hashlib.sha1).hexdigest()",
    "hmac.digest(b'key', b'm', 'sha512').hex(), hmac.compare_digest('a', 'b')",
    "str(uuid.uuid5(uuid.NAMESPACE_URL, 'http://x')), uuid.uuid3(uuid.NAMESPACE_DNS, 'x').hex",
    "str(uuid.UUID('{12345678-1234-5678-1234-567812345678}')), len(str(uuid.uuid4())), uuid.uuid4().version",
    "uuid.uuid4() == uuid.uuid4(), uuid.UUID(int=5) == uuid.UUID(int=5)",
    "list(csv.reader(io.StringIO('a,b\\n1,\"x\\ny\"\\n')))",
    "[w := io.StringIO(), csv.writer(w).writerow(['a', 'b,c']), w.getvalue()][2]",
    "[f := io.StringIO('one\\ntwo'), f.readline(), f.read(), f.tell(), f.seek(0), list(f)]"
    "[1:]",
    "calendar.monthrange(2024, 2), calendar.isleap(1900), calendar.month_name[3]",
    "calendar.timegm((2026, 1, 2, 3, 4, 5)), calendar.leapdays(1999, 2025), calendar.day_abbr[6]",
)  # fmt: skip


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_programs(Settings()) as made:
        yield made


async def run(sandbox: Sandbox, code: str) -> Any:
    ctx = RecordingContext(Settings())
    ctx.resource = sandbox
    return (await run_code(ctx, CodeConfig(code), {})).outputs["output"]


def plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return pytest.approx(value, rel=1e-12) if isinstance(value, float) else value


async def test_the_modules_answer_as_the_standard_library(sandbox: Sandbox) -> None:
    imports = "import csv, hashlib, urllib.parse\n" + "".join(
        f"import {name}\n" for name in sorted(ADDED - {"urllib", "urllib.parse"})
    )
    listed = ",\n".join(f"[{expression}]" for expression in EXPRESSIONS)
    found = await run(sandbox, f"{imports}result = [{listed}]")
    for expression, value in zip(EXPRESSIONS, found, strict=True):
        assert value == plain(eval(f"[{expression}]", dict(HERE))), expression


@pytest.mark.parametrize(
    "code",
    [
        "import statistics\nresult = statistics.mean([1, 2, 3])",
        "import json, statistics as st, math\nresult = st.mean([1, math.floor(2.5), json.loads('3')])",
        "from statistics import mean\nresult = mean([1, 2, 3])",
        "from statistics import (\n    mean as average,\n    median,\n)\nresult = average([median([1]), 3])",
        "import urllib\nresult = len(urllib.parse.quote('é')) - 4",
        "import urllib.parse as up\nresult = len(up.quote('é')) - 4",
        "from urllib import parse\nresult = len(parse.quote('é')) - 4",
        "from urllib.parse import quote as q, unquote\nresult = len(q(unquote('%C3%A9'))) - 4",
        "def f():\n    import statistics\n    return statistics.mean([2])\nresult = f()",
        "if True: import statistics; x = 2\nresult = statistics.mean([x])",
        "class A:\n    import statistics\n    def f(self): return 2\nresult = A().f()",
        "quote = len\nimport urllib.parse\nresult = quote(urllib.parse.urlencode({'é': ''})) - 5",
        "import statistics, \\\n    math\nresult = statistics.mean([2])",
        "try:\n    import numpy\nexcept ImportError:\n    import statistics as numpy\nresult = numpy.mean([2])",
    ],
)
async def test_imports_as_authors_write_them(sandbox: Sandbox, code: str) -> None:
    assert await run(sandbox, code) == 2
    assert sandbox_lacks(code) == ()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import statistics\n\nresult = statistics.mean([])", "line 3: ValueError: mean requires"),
        ("from string import (\n    digits,\n    Template,\n)\nresult = 1", "has no 'Template': `runtime"),
        ("from statistics import *\nresult = 1", "Wildcard imports"),
        ("import requests\nresult = 1", "'requests': use an `http_request` node"),
        ("import urllib.request\nresult = 1", "use an `http_request` node"),
        ("from pandas import DataFrame\nresult = 1", "'pandas': `runtime: full` has it"),
    ],
)  # fmt: skip
async def test_what_is_not_there_says_what_to_use(sandbox: Sandbox, code: str, words: str) -> None:
    with pytest.raises(NodeFailed) as raised:
        await run(sandbox, code)
    assert words in raised.value.message


async def _imports(sandbox: Sandbox, name: str) -> bool:
    try:
        await sandbox.run(Program(f"import {name}\n1"), Limits(10, 64 * 1024 * 1024))
    except ProgramFailed as error:
        if error.exception != "ModuleNotFoundError":
            raise
        return False
    return True


async def test_the_lists_of_modules_are_those_of_the_sandbox(sandbox: Sandbox) -> None:
    names = {name for name in sys.stdlib_module_names if not name.startswith("_")}
    found = set()
    for name in names | {"os.path", "collections.abc", "xml.etree.ElementTree", "json.decoder"}:
        if await _imports(sandbox, name):
            found.add(name)
    assert found == NATIVE
    assert not ADDED & NATIVE


async def test_the_names_of_modules_are_those_of_the_sandbox(sandbox: Sandbox) -> None:
    assert set(NAMES) == NATIVE | ADDED
    for module, known in NAMES.items():
        assert await _known(sandbox, f"from {module} import {{}}", known) == known
        here = {name for name in dir(importlib.import_module(module)) if not name.startswith("_")}
        assert await _known(sandbox, f"from {module} import {{}}", here - known) == set()
    here = {name for name in dir(builtins) if not name.startswith("_")} | NOT_BUILT_IN
    assert await _known(sandbox, "{}", here & NOT_BUILT_IN) == set()


async def _known(sandbox: Sandbox, statement: str, names: Iterable[str]) -> set[str]:
    tried = "\n".join(
        f"try:\n    {statement.format(name)}\n    found.append({name!r})\n"
        "except Exception:\n    pass"
        for name in names
    )
    config = CodeConfig(f"found = []\n{tried}\nresult = found")
    ctx = RecordingContext(Settings())
    ctx.resource = sandbox
    return {*(await run_code(ctx, config, {})).outputs["output"]}


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("import json\nimport pandas\nfrom numpy import array", [2, 3]),
        ("def f():\n    import zlib", [2]),
        ("try:\n    import zlib\nexcept ImportError:\n    import lzma", [4]),
        ("from urllib import request, parse", [1]),
        ("class A(Exception):\n    pass", [1]),
        ("class A(metaclass=type):\n    pass", [1]),
        ("class A:\n    @property\n    def x(self): return 1", [1]),
        ("class A:\n    @staticmethod\n    def x(): return 1", [1]),
        ("def f():\n    yield 1", [2]),
        ("def f():\n    yield from [1]", [2]),
        ("x = {'a': 1}\ndel x['a']", [2]),
        ("import pandas, zlib", [1, 1]),
        ("from functools import partial, wraps", [1]),
        ("import os, re as r\nos.path.join('a')\nr.sub('a', 'b', 'c')\nos.path.nothing", [4]),
        (
            "from datetime import datetime\nimport json\njson.dumps(datetime.now(), default=str)",
            [3],
        ),
        ("from math import *", [1]),
        ("def f():\n    return callable(f)", [2]),
        ("try:\n    1 / 0\nexcept IOError:\n    pass", [3]),
        ("async def f():\n    async for x in []: pass", [2]),
        ("async def f():\n    async with open('x'): pass", [2]),
        ("async def f():\n    return [x async for x in []]", [2]),
        ("class A:\n    class B: pass", [2]),
        ("def callable(of): return of\ncallable(1)\nos = {'x': 1}\nos.keys()", []),
        ("import re\ntry:\n    re.nothing\nexcept AttributeError:\n    pass", []),
        ("(", []),
        ("from __future__ import annotations\nimport os.path\n(i for i in [1])", []),
    ],
)
async def test_what_a_program_lacks_is_found_in_its_text(
    sandbox: Sandbox, code: str, lines: list[int]
) -> None:
    assert [lack.line for lack in sandbox_lacks(code)] == lines
    limits = Limits(10, 64 * 1024 * 1024)
    if lines:  # and the sandbox says so too
        call = "await f()" if "async def f" in code else "f()" if "def f" in code else ""
        with pytest.raises(ProgramFailed):
            await sandbox.run(Program(f"{code}\n{call}"), limits)


def findings(**config: Any) -> list[tuple[str, str]]:
    nodes = [{"id": "code", "type": "code", "config": config}]
    found = load_workflow({"id": "w", "nodes": nodes}).findings
    return [(finding.code, finding.message) for finding in found if finding.level == "error"]


async def test_the_check_says_which_runtime_a_program_needs() -> None:
    code = "import pandas, requests\nclass E(Exception):\n    pass\nresult = 1"
    found = findings(code=code)
    assert [name for name, _ in found] == ["code.not_in_sandbox"] * 3
    messages = [message for _, message in found]
    assert "line 1: the sandbox has no module 'pandas': `runtime: full` has it" in messages[0]
    assert "line 1: the sandbox has no module 'requests': use an `http_request` node" in messages[1]
    assert "line 2: inheritance (class 'E') is not in the sandbox" in messages[2]
    assert findings(code=code, runtime="full") == []
    found = findings(code="result = 1", runtime="{{which}}", language={"ref": "which"})
    assert [message for _, message in found if "not rendered" in message] == [
        "language is not rendered: it cannot be a reference or a template",
        "runtime is not rendered: it cannot be a reference or a template",
    ]
    script = {"code": "import('x')", "language": "javascript"}
    assert findings(**script) == []
    ((name, message),) = findings(**script, runtime="full")
    assert name == "config.wrong_value"
    assert "is one of Python" in message

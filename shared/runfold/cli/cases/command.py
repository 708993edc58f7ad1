"""`runfold test`: runs the cases that workflow files carry, and says which hold."""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec

from runfold.bus.jetstream.connect import connect
from runfold.bus.jetstream.embedded_server import EmbeddedNats
from runfold.cases.comparing import differences
from runfold.cases.document import KEY, Case, cases_of
from runfold.cases.recording import recorded, with_cases
from runfold.cli.answering import parse_answers
from runfold.cli.cases.running import CaseRunner, Failed, case_runner
from runfold.cli.foreign_documents import imported_from
from runfold.cli.outcome import OK, RUN_FAILED, say
from runfold.cli.output import print_json
from runfold.cli.run import executor_groups
from runfold.cli.source import counted, parse_inputs, print_findings, read_source
from runfold.cli.stack import on_own_server, start_model
from runfold.errors import ConfigurationError, InvalidInputs, InvalidWorkflow, RunfoldError
from runfold.graph.findings import Findings
from runfold.graph.loader import load_workflow
from runfold.graph.plan.plan import compile_plan
from runfold.graph.reading.document import read_document
from runfold.settings import read_settings


class CaseOptions(msgspec.Struct, frozen=True):
    """The command's options."""

    files: tuple[str, ...]
    record: bool = False
    case: str = ""
    """Only the case of this name; with `record`, the name of a new one."""
    inputs: tuple[str, ...] = ()
    """Of a new case that is recorded."""
    answers: tuple[str, ...] = ()
    """Likewise."""
    as_json: bool = False
    model: str = ""


class Result(msgspec.Struct, frozen=True):
    """What became of one case."""

    file: str
    case: str
    passed: bool
    differences: list[str] = []


class _Tested(msgspec.Struct, frozen=True):
    """A file with its cases."""

    file: str
    text: str
    document: dict[str, Any]
    cases: tuple[Case, ...]
    groups: frozenset[str]
    only: str
    """Name of the one case to run; empty: all."""


async def run_cases(options: CaseOptions) -> int:
    """Run the cases of all files; 0 when all hold, 1 when one does not, 2 when there is none.

    Raises:
        InvalidWorkflow: A file is not a workflow.
        InvalidInputs: A case cannot be read, or there is nothing to record.
    """
    tested = [_tested(file, options) for file in options.files]
    if not any(one.cases for one in tested):
        message = (
            "no cases: write them under `tests` in the file, or record one with "
            "`runfold test FILE --record`, with its `--input name=value`"
        )
        raise InvalidInputs(message, code="tests.none")
    results: list[Result] = []
    async with AsyncExitStack() as stack:
        settings = await start_model(stack, read_settings(), options.model)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="runfold-test-")))
        server = await stack.enter_async_context(EmbeddedNats(folder))
        settings = settings.model_copy(update={"data_dir": folder})
        settings = on_own_server(settings, server.url)
        bus = await connect(settings, role="owner")
        stack.push_async_callback(bus.close)
        groups = frozenset().union(*(one.groups for one in tested))
        runner = await stack.enter_async_context(case_runner(bus, settings, groups))
        for one in tested:
            results += await _ran(runner, one, options)
    if options.as_json:
        print_json({"passed": all(one.passed for one in results), "cases": results})
    return OK if all(one.passed for one in results) else RUN_FAILED


def _tested(file: str, options: CaseOptions) -> _Tested:
    source = read_source(file)
    imported = imported_from(source, file)
    if options.record and (imported is not None or file == "-"):
        message = (
            f"{file}: cases are recorded in a file of runfold's own: write it with "
            "`runfold import FILE -o DIR`"
        )
        raise InvalidInputs(message, code="tests.not_native")
    if imported is not None:
        document = imported.definition
    else:
        found = Findings()
        read = read_document(source, found)
        if read is None:
            print_findings(found.in_order())
            raise InvalidWorkflow(f"{file} is not a workflow", found.in_order())
        document = read
    loaded = load_workflow(document)
    if loaded.workflow is None or any(one.level == "error" for one in loaded.findings):
        print_findings(loaded.findings)
        message = f"{file} is not a valid workflow: {counted(loaded.findings)}"
        raise InvalidWorkflow(message, loaded.findings)
    cases = cases_of(document)
    only = options.case
    if options.record and (options.inputs or not cases):
        inputs = parse_inputs(loaded.workflow, options.inputs, "")
        answers: dict[str, Any] = {**parse_answers(options.answers)}
        only = only or f"recorded {len(cases) + 1}"
        cases = (*(one for one in cases if one.name != only), Case(only, inputs, answers=answers))
    groups = frozenset(executor_groups(compile_plan(loaded.workflow)))
    text = source.decode(errors="replace")
    return _Tested(file, text, document, cases, groups, only)


async def _ran(runner: CaseRunner, tested: _Tested, options: CaseOptions) -> list[Result]:
    results: list[Result] = []
    written: list[Case] = []
    for at, case in enumerate(tested.cases):
        name = case.name or f"case {at + 1}"
        if tested.only and name != tested.only:
            written.append(case)
            continue
        again = msgspec.structs.replace(case, replies={}) if options.record else case
        try:
            view = await runner.run(tested.document, again)
        except (Failed, RunfoldError) as error:
            found = [str(error)]
            if case in cases_of(tested.document):
                written.append(case)
        else:
            found = [] if options.record else differences(case.expect, view)
            written.append(recorded(case, view, runner.replies.given))
        results.append(Result(tested.file, name, not found, found))
        if not options.as_json:
            _say(results[-1], "recorded" if options.record else "passed")
    if options.record and any(one.passed for one in results):
        _record(tested, written)
    return results


def _say(result: Result, done: str) -> None:
    print(f"{done if result.passed else 'FAILED'}  {result.file}: {result.case}")
    for line in result.differences:
        print(f"    {line}")


def _record(tested: _Tested, cases: list[Case]) -> None:
    try:
        Path(tested.file).write_text(with_cases(tested.text, cases), encoding="utf-8")
    except OSError as error:
        message = f"cannot write {tested.file}: {error.strerror}"
        raise ConfigurationError(message, code="file.unwritable") from error
    say(f"wrote {len(cases)} cases under `{KEY}` of {tested.file}")

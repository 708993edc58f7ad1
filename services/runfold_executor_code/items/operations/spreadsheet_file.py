"""`spreadsheetFile`: rows of a file as items, and items as a file: CSV, pages, workbooks."""

from __future__ import annotations

from runfold_executor_code.items.files import file_of
from runfold_executor_code.items.operations.convert_to_file import table_of
from runfold_executor_code.items.operations.extract_from_file import NOT_HERE, extracted
from runfold_executor_code.items.parameters import options_of, word
from runfold_executor_code.items.step import ItemFailed, Made, Step, StepFailed


def run(step: Step) -> list[list[Made]]:
    """The rows of each item's file, or one item with a file.

    Raises:
        StepFailed: For a format that is not written here.
    """
    written = step.of()
    if word(written.get("operation"), "fromFile") == "toFile":
        return [[_file(step)]]
    made: list[Made] = []
    for index, item in enumerate(step.items):
        with step.guarded(index):
            asked = step.of(index)
            name = word(asked.get("binaryPropertyName"), "data")
            format_ = word(asked.get("fileFormat"), "autodetect")
            if format_ == "autodetect":
                format_ = _format_of((item.get("binary") or {}).get(name), index)
            made += extracted(step, asked, item, index, format_)
    return [made]


def _file(step: Step) -> Made:
    written = step.of()
    format_ = word(written.get("fileFormat"), "xls")
    if format_ in NOT_HERE:
        raise StepFailed(f"files of {format_} are not written here: write CSV")
    options = options_of(written)
    content = table_of([item["json"] for item in step.items], options, format_)
    made = file_of(content, word(options.get("fileName"), f"spreadsheet.{format_}"))
    paired = tuple((0, index) for index in range(len(step.items)))
    return Made({}, {word(written.get("binaryPropertyName"), "data"): made}, paired=paired)


def _format_of(file: object, index: int) -> str:
    known = file if isinstance(file, dict) else {}
    kind = f"{known.get('mimeType', '')} {known.get('fileName', '')}".lower()
    for name in ("csv", "html", "ods", "xlsx", "xls", "rtf"):
        if name in kind:
            return name
    if "text" in kind:
        return "csv"
    if "spreadsheet" in kind or "excel" in kind:
        return "xlsx"
    raise ItemFailed(index, "the format of the file is not known: choose one")

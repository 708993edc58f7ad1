"""The operations of `items` that are written in Python, each in a module of its own.

Pure: a `Step` in, lists of `Made` out. No clock and no I/O; only `crypto` makes what is random.
`OPERATIONS` names them as n8n names its node types, without the prefix.
"""

from __future__ import annotations

from collections.abc import Mapping

from runfold_executor_code.items.operations import (
    aggregate,
    collect,
    compare_datasets,
    convert_to_file,
    crypto,
    date_time,
    extract_from_file,
    filter_,
    html,
    html_extract,
    http_request,
    if_,
    item_lists,
    last,
    limit,
    markdown,
    merge,
    move_binary_data,
    no_op,
    remove_duplicates,
    rename_keys,
    request_plan,
    resolve,
    route,
    set_,
    sort,
    split_in_batches,
    split_out,
    spreadsheet_file,
    stop_and_error,
    summarize,
    switch,
    test_data,
    trigger,
    wait,
    xml,
)
from runfold_executor_code.items.step import Operation

OPERATIONS: Mapping[str, Operation] = {
    "aggregate": aggregate.run,
    "collect": collect.run,
    "compareDatasets": compare_datasets.run,
    "convertToFile": convert_to_file.run,
    "crypto": crypto.run,
    "dateTime": date_time.run,
    "extractFromFile": extract_from_file.run,
    "filter": filter_.run,
    "html": html.run,
    "htmlExtract": html_extract.run,
    "httpRequest": http_request.run,
    "httpRequestPlan": request_plan.run,
    "if": if_.run,
    "itemLists": item_lists.run,
    "last": last.run,
    "limit": limit.run,
    "markdown": markdown.run,
    "merge": merge.run,
    "moveBinaryData": move_binary_data.run,
    "noOp": no_op.run,
    "removeDuplicates": remove_duplicates.run,
    "renameKeys": rename_keys.run,
    "resolve": resolve.run,
    "route": route.run,
    "set": set_.run,
    "sort": sort.run,
    "splitInBatches": split_in_batches.run,
    "splitOut": split_out.run,
    "spreadsheetFile": spreadsheet_file.run,
    "stopAndError": stop_and_error.run,
    "summarize": summarize.run,
    "switch": switch.run,
    "testData": test_data.run,
    "trigger": trigger.run,
    "wait": wait.run,
    "xml": xml.run,
}
"""By operation."""

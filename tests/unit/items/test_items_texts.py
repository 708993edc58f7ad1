"""`html`, `xml`, `markdown`, and files: pages, documents and tables as items."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from runfold_executor_code.items.step import ItemFailed, StepFailed
from tests.support.item_steps import gave, ran, step_of

PAGE = """<html>
<head><title>Shop</title><style>p {}</style></head>
<body><h1>Our shop</h1><p>Open  all
day</p><ul><li class="x">Tea</li><li>Milk</li></ul>
<a href="https://shop.test">Go</a> <img src="a.png" alt="A"><input id="f" value="7">
<select name="s"><option value="1">one</option><option value="2" selected>two</option></select>
</body></html>"""


def extracted(version: float = 1.2, options: Any = None, **asked: Any) -> Any:
    written = {
        "operation": "extractHtmlContent",
        "extractionValues": {"values": [{"key": "k", **asked}]},
        "options": options or {},
    }
    return gave("html", written, [{"data": PAGE}], version=version)[0][0].get("k")


def test_pages_taken_apart() -> None:
    assert extracted(cssSelector="h1", returnValue="html") == "Our shop"
    assert extracted(cssSelector="li", returnArray=True) == ["Tea", "Milk"]
    assert extracted(cssSelector="li:first", returnValue="attribute", attribute="class") == "x"
    assert extracted(cssSelector="li:eq(1)", version=1) == "Milk"
    assert extracted(cssSelector='li:contains("Mi")', returnValue="htmlOuter") == "<li>Milk</li>"
    assert extracted(cssSelector="#f", returnValue="value") == "7"
    assert extracted(cssSelector="select", returnValue="value") == "2"
    assert extracted(cssSelector="video", returnValue="html") is None
    with pytest.raises(StepFailed, match="not a CSS selector"):
        extracted(cssSelector="p[[")


def test_text_as_readers_see_it() -> None:
    shown = extracted(cssSelector="html", skipSelectors="img, select")
    assert shown == "OUR SHOP\n\nOpen all day\n\n * Tea\n * Milk\n\nGo [https://shop.test]"
    tidy = extracted(cssSelector="p", version=1, options={"cleanUpText": True})
    assert tidy == "Open allday"


def test_templates_and_tables() -> None:
    assert gave("html", {"html": "<b>x</b>"}, [{}]) == [[{"html": "<b>x</b>"}]]
    written = {
        "operation": "convertToHtmlTable",
        "options": {"customStyling": True, "capitalize": True, "caption": "C"},
    }
    [[made]] = gave("html", written, [{"a_b": 1, "c": True}, {"a_b": None}])
    assert "<caption>C</caption>" in made["table"]
    assert "<th>A B</th><th>C</th>" in made["table"]
    assert '<td  >1</td><td  ><input type="checkbox" checked="checked"/></td>' in made["table"]
    assert "<td  >null</td><td  >undefined</td>" in made["table"]
    assert gave(
        "htmlExtract",
        {"extractionValues": {"values": [{"key": "t", "cssSelector": "p"}]}},
        [{"data": "<p>1</p>"}],
    ) == [[{"t": "1"}]]


XML = '<a k="1"><b>x</b><b>y</b><c/><d> t </d></a>'


def read(**options: Any) -> Any:
    return gave("xml", {"options": options}, [{"data": XML}])[0][0]


def test_xml_as_values() -> None:
    assert read() == {"a": {"k": "1", "b": ["x", "y"], "c": "", "d": " t "}}
    assert read(mergeAttrs=False, trim=True, explicitRoot=False) == {
        "$": {"k": "1"},
        "b": ["x", "y"],
        "c": "",
        "d": "t",
    }
    assert read(explicitArray=True, ignoreAttrs=True)["a"]["d"] == [" t "]
    with pytest.raises(ItemFailed, match="is not XML"):
        gave("xml", {}, [{"data": "<a>"}])
    bomb = '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
    with pytest.raises(ItemFailed, match="declares entities"):
        gave("xml", {}, [{"data": bomb}])


def test_values_as_xml() -> None:
    written = {"mode": "jsonToxml", "options": {"headless": True}}
    [[made]] = gave("xml", written, [{"a": {"$": {"k": "<"}, "b": [1, 2], "c": "x&y", "d": None}}])
    assert made["data"] == '<a k="&lt;">\n  <b>1</b>\n  <b>2</b>\n  <c>x&amp;y</c>\n  <d/>\n</a>'
    [[made]] = gave("xml", {"mode": "jsonToxml"}, [{"a": 1, "b": 2}])
    assert made["data"].startswith("<?xml version=")
    assert "<root>\n  <a>1</a>\n  <b>2</b>\n</root>" in made["data"]


def to_html(text: str, **options: Any) -> str:
    written = {"mode": "markdownToHtml", "markdown": text, "options": options}
    return str(gave("markdown", written, [{}])[0][0]["data"])


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Example Domain", '<h1 id="exampledomain">Example Domain</h1>'),
        ("a **b** *c* `d<e`...", "<p>a <strong>b</strong> <em>c</em> <code>d&lt;e</code>…</p>"),
        (
            "[x](http://y.z) ![i](a.png)",
            '<p><a href="http://y.z">x</a> <img src="a.png" alt="i" /></p>',
        ),
        ("* a\n* b\n    * c", "<ul>\n<li>a</li>\n<li>b\n<ul>\n<li>c</li>\n</ul></li>\n</ul>"),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("> a", "<blockquote>\n  <p>a</p>\n</blockquote>"),
        ("```js\n1<2\n```", '<pre><code class="js language-js">1&lt;2\n</code></pre>'),
        ("<div>\n*x*\n</div>", "<div>\n*x*\n</div>"),
        ("---", "<hr />"),
        (r"a\*b", "<p>a*b</p>"),
    ],
)
def test_markdown_as_html(text: str, html: str) -> None:
    assert to_html(text) == html


def test_options_of_markdown() -> None:
    assert "<table>" in to_html("| a | b |\n|---|---|\n| 1 | 2 |", tables=True)
    assert to_html("~~a~~", strikethrough=True) == "<p><del>a</del></p>"
    assert to_html("a\nb", simpleLineBreaks=True) == "<p>a<br />\nb</p>"
    assert to_html("# A", noHeaderId=True) == "<h1>A</h1>"
    assert to_html("x", completeHTMLDocument=True).startswith("<!DOCTYPE HTML>\n<html>")
    assert to_html("*" * 30_000)


def test_html_as_markdown() -> None:
    def converted(html: str, **options: Any) -> str:
        written = {"html": html, "options": options, "destinationKey": "md.text"}
        return str(gave("markdown", written, [{}])[0][0]["md"]["text"])

    page = '<h2>T</h2><p>a <b>b</b> <i>c</i> <a href="http://x">l</a></p><ul><li>1<ul><li>2</li></ul></li></ul>'
    assert converted(page) == "## T\n\na **b** _c_ [l](http://x)\n\n* 1\n  * 2"
    assert converted("<pre><code class='language-py'>x = 1</code></pre>") == "```py\nx = 1\n```"
    table = "<table><tr><th>a</th></tr><tr><td>1</td></tr></table>"
    assert converted(table) == "| a |\n| --- |\n| 1 |"
    assert converted("<h1>x</h1><p>y <b>z</b></p>", ignore="h1, b") == "# x\n\ny"
    replaced = {"values": [{"pattern": "y", "replacement": "z"}]}
    assert converted("<p>y y</p>", textReplace=replaced) == "z z"
    assert converted("<html> <head> </head><body><p>y</p></body></html>") == " \n\ny"


def file(text: str, **more: Any) -> dict[str, Any]:
    return {"data": base64.b64encode(text.encode()).decode(), **more}


def of_file(operation: str, text: str, **written: Any) -> Any:
    item = {"json": {"k": 1}, "binary": {"data": file(text)}}
    return gave("extractFromFile", {"operation": operation, **written}, [item])[0]


def test_what_is_in_files() -> None:
    assert of_file("csv", '\ufeffa,b\n1,"x, y"\n2,\n') == [{"a": "1", "b": "x, y"}, {"a": "2"}]
    assert of_file("csv", "a;b", options={"delimiter": ";", "headerRow": False}) == [
        {"row": {"0": "a", "1": "b"}}
    ]
    assert of_file("html", "<table><tr><td>n</td></tr><tr><td>2</td></tr></table>") == [{"n": 2}]
    assert of_file("fromJson", '[{"a": 1}]') == [{"data": [{"a": 1}]}]
    assert of_file("text", "ä", destinationKey="t", options={"keepSource": "json"}) == [
        {"k": 1, "t": "ä"}
    ]
    assert of_file("binaryToPropery", "x") == [{"data": "eA=="}]
    with pytest.raises(ItemFailed, match="document_extract"):
        of_file("pdf", "x")
    with pytest.raises(ItemFailed, match="not valid JSON"):
        of_file("fromJson", "{")
    with pytest.raises(ItemFailed, match="has no file 'data'"):
        gave("extractFromFile", {}, [{}])


def content(written: dict[str, Any], *items: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    made = ran("convertToFile", written, list(items), now=0.0)[0]
    assert made[0].json == {}
    assert made[0].binary is not None
    found = made[0].binary["data"]
    return base64.b64decode(found["data"]).decode(), found


def test_files_of_items() -> None:
    text, found = content({}, {"a": 1, "b": {"c": True}}, {"a": "x,y"})
    assert text == 'a,b.c\n1,TRUE\n"x,y",'
    assert (found["mimeType"], found["fileName"], found["fileExtension"]) == (
        "text/csv",
        "File.csv",
        "csv",
    )
    assert content({"operation": "toJson"}, {"a": 1})[0] == '[{"a":1}]'
    assert content({"operation": "toJson", "mode": "each"}, {"a": 1})[0] == '{"a":1}'
    pretty = {"operation": "toJson", "options": {"format": True}}
    assert content(pretty, {"a": 1})[0] == '[\n  {\n    "a": 1\n  }\n]'
    assert content({"operation": "toText", "sourceProperty": "a.b"}, {"a": {"b": "ä"}})[0] == "ä"
    decoded, found = content({"operation": "toBinary", "sourceProperty": "d"}, {"d": "JVBERg=="})
    assert (decoded, found["mimeType"]) == ("%PDF", "application/pdf")
    with pytest.raises(StepFailed, match="are not written here"):
        content({"operation": "ods"}, {})


def test_events_there_and_back() -> None:
    written = {
        "operation": "iCal",
        "title": "Tea, and cake",
        "start": "2024-01-03T00:00:00",
        "end": "2024-01-04T00:00:00",
        "allDay": True,
        "additionalFields": {"description": "line\nline " * 20},
    }
    text, _ = content(written, {})
    [made] = of_file("fromIcs", text)
    [event] = made["data"]["events"]
    assert event["summary"] == "Tea, and cake"
    assert event["description"] == ("line\nline " * 20).strip()
    assert event["start"] == {"date": "2024-01-03T00:00:00.000Z", "type": "DATE"}


def test_older_nodes_of_files() -> None:
    item = {"json": {"k": 1}, "binary": {"data": file('{"a": 1}', mimeType="text/csv")}}
    assert gave("moveBinaryData", {}, [item]) == [[{"a": 1}]]
    kept = {"setAllData": False, "destinationKey": "t", "options": {"keepSource": True}}
    [[made]] = ran("moveBinaryData", kept, [item])
    assert made.json == {"k": 1, "t": '{"a": 1}'}
    assert made.binary == item["binary"]
    for encoding, content in [("base64", base64.b64encode(b'{"a": 1}').decode()), ("hex", "7b")]:
        written = {**kept, "options": {"encoding": encoding}}
        assert ran("moveBinaryData", written, [item])[0][0].json["t"].startswith(content)
    [[made]] = ran("moveBinaryData", {"mode": "jsonToBinary"}, [{"a": 1}])
    assert made.binary is not None
    assert base64.b64decode(made.binary["data"]["data"]) == b'{"a":1}'
    rows = {"json": {}, "binary": {"data": file("a\n1", mimeType="text/csv")}}
    assert gave("spreadsheetFile", {}, [rows]) == [[{"a": "1"}]]
    with pytest.raises(StepFailed, match="files of xls are not written"):
        ran("spreadsheetFile", {"operation": "toFile"}, [{}])


def test_items_that_stand_in_the_node() -> None:
    assert gave("testData", {"data": [{"a": 1}, {"json": {"b": 2}}]}, [{}]) == [
        [{"a": 1}, {"b": 2}]
    ]
    assert gave("testData", {"data": {"a": 1}}, [{}]) == [[{"a": 1}]]
    assert step_of("testData").parameters == {}

"""`rssFeedRead`: entries of feeds, as n8n's node gives them."""

from __future__ import annotations

from typing import Any

import pytest

from runfold_executor_code.items.news import entries_of, snippet_of
from runfold_executor_code.items.step import ItemFailed
from runfold_executor_code.items.xml_values import Unreadable
from tests.support.item_steps import gave

RSS = """<?xml version="1.0" encoding="ISO-8859-1"?>
<rss version="2.0" xmlns:dc="x" xmlns:media="m"><channel><title>T</title>
<item><title>One &amp; é</title><link>http://a/1</link>
<description><![CDATA[<p>Hello</p><p>big <b>world</b>&amp;more</p>]]></description>
<pubDate>Thu, 09 Feb 2023 13:40:00 GMT</pubDate><guid isPermaLink="false">g1</guid>
<dc:creator>Jo</dc:creator><category>a</category><category domain="d">b</category>
<enclosure url="e.mp3" length="1"/><media:thumbnail url="t.png"/></item>
<item><title>x</title><description/><pubDate>not a date</pubDate></item></channel></rss>"""


def test_entries_of_rss() -> None:
    first, second = entries_of(RSS, ["media:thumbnail"])
    assert first == {
        "creator": "Jo",
        "title": "One & é",
        "link": "http://a/1",
        "pubDate": "Thu, 09 Feb 2023 13:40:00 GMT",
        "enclosure": {"url": "e.mp3", "length": "1"},
        "dc:creator": "Jo",
        "media:thumbnail": {"$": {"url": "t.png"}},
        "content": "<p>Hello</p><p>big <b>world</b>&amp;more</p>",
        "contentSnippet": "Hello\nbig world&more",
        "guid": "g1",
        "categories": ["a", {"_": "b", "$": {"domain": "d"}}],
        "isoDate": "2023-02-09T13:40:00.000Z",
    }
    assert second == {"title": "x", "pubDate": "not a date", "content": "", "contentSnippet": ""}


def test_entries_of_atom() -> None:
    links = '<link href="l1" rel="edit"/><link href="l2" rel="alternate"/>'
    markup = '<content type="xhtml"><div><p>in</p></div></content><summary>s</summary>'
    about = "<id>urn:1</id><updated>2023-02-09T13:40:00+01:00</updated>"
    author = "<author><name>Ann</name></author>"
    title = '<title type="html">At &lt;b&gt;</title>'
    feed = f"<feed><entry>{title}{links}{about}{author}{markup}</entry></feed>"
    assert entries_of(feed) == [
        {
            "title": "At <b>",
            "link": "l2",
            "pubDate": "2023-02-09T12:40:00.000Z",
            "author": "Ann",
            "content": '<div type="xhtml"><div><p>in</p></div></div>',
            "contentSnippet": "in",
            "summary": "s",
            "id": "urn:1",
            "isoDate": "2023-02-09T12:40:00.000Z",
        }
    ]


def test_entries_of_rdf_and_podcasts() -> None:
    item = '<item rdf:about="i"><title>R</title><dc:date>2023-02-09</dc:date></item>'
    (entry,) = entries_of(f'<rdf:RDF xmlns:rdf="r" xmlns:dc="d">{item}</rdf:RDF>')
    assert (entry["rdf:about"], entry["isoDate"]) == ("i", "2023-02-09T00:00:00.000Z")
    parts = '<itunes:duration>10</itunes:duration><itunes:image href="i.png"/>'
    channel = f"<channel><item><title>E</title>{parts}</item></channel>"
    (entry,) = entries_of(f'<rss version="2.0" xmlns:itunes="i">{channel}</rss>')
    assert entry == {"title": "E", "itunes": {"duration": "10", "image": "i.png"}}


def test_tags_that_are_never_closed_take_no_time() -> None:
    assert snippet_of("<p" * 100_000)[:4] == "<p<p"


def test_what_was_fetched_becomes_items() -> None:
    results: dict[str, Any] = {"output": [{"body": RSS}, {"body": "no"}]}
    with pytest.raises(ItemFailed, match="the feed cannot be read"):
        gave("rssFeedRead", {}, [{}, {}], results=results)
    results = {"output": [{"body": RSS}], "failed": []}
    made = gave("rssFeedRead", {}, [{}], results=results)[0]
    assert [one["title"] for one in made] == ["One & é", "x"]
    with pytest.raises(Unreadable, match="not recognized"):
        entries_of("<html/>")

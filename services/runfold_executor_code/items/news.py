"""Entries of news feeds: RSS 0.9, 1 and 2, and Atom, with the fields that n8n gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from html import unescape
from typing import Any

import re2  # type: ignore[import-untyped]

from runfold_executor_code.items.dates import moment_of
from runfold_executor_code.items.xml_values import Options, Unreadable, Writing, value_of, xml_of

_AS_LISTS = Options(merges_attributes=False, always_lists=True)
_MARKUP = Writing(headless=True, root="div", in_lines=False)
_FIELDS: tuple[tuple[str, str], ...] = (
    ("author", "creator"),
    ("dc:creator", "creator"),
    ("dc:date", "date"),
    ("dc:language", "language"),
    ("dc:rights", "rights"),
    ("dc:source", "source"),
    ("dc:title", "title"),
    *((name, name) for name in ("title", "link", "pubDate", "author", "summary")),
    *((name, name) for name in ("content:encoded", "enclosure", "dc:creator", "dc:date")),
    ("comments", "comments"),
)
"""Element of an entry of RSS → its field; a later one goes before."""
_ITUNES = (
    *("author", "subtitle", "summary", "explicit", "duration", "image", "episode", "season"),
    *("keywords", "episodeType"),
)
_BROKEN = re2.compile(r"([^\n])</?(?:h|br|p|ul|ol|li|blockquote|section|table|tr|div)[^>]*>([^\n])")
_TAG = re2.compile(r"<[^>]*>")


def entries_of(written: str, more: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The entries of a feed.

    Args:
        written: The feed.
        more: Further elements of entries that are wanted.

    Raises:
        Unreadable: When it is no feed.
    """
    document = value_of(written, _AS_LISTS)
    feed = document if isinstance(document, Mapping) else {}
    if isinstance(feed.get("feed"), Mapping):
        return [_of_atom(one, more) for one in _objects(feed["feed"].get("entry"))]
    rss = feed.get("rss")
    if isinstance(rss, Mapping):
        channel = next(_objects(rss.get("channel")), {})
        is_podcast = "xmlns:itunes" in _attributes(rss)
        return [_of_rss(one, more, is_podcast=is_podcast) for one in _objects(channel.get("item"))]
    if isinstance(feed.get("rdf:RDF"), Mapping):
        return [_of_rss(one, more) for one in _objects(feed["rdf:RDF"].get("item"))]
    message = "Feed not recognized as RSS 1 or 2."
    raise Unreadable(message)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            yield one


def _attributes(value: Any) -> Mapping[str, Any]:
    found = value.get("$") if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _first(entry: Mapping[str, Any], name: str) -> Any:
    found = entry.get(name)
    return found[0] if isinstance(found, list) and found else None


def _plain(value: Any) -> Any:
    """The text of an element that has attributes as well."""
    return value["_"] if isinstance(value, Mapping) and isinstance(value.get("_"), str) else value


def _take(entry: Mapping[str, Any], item: dict[str, Any], name: str, field: str) -> None:
    if name in entry:
        item[field] = _plain(_first(entry, name))


def _of_rss(
    entry: Mapping[str, Any], more: Sequence[str], *, is_podcast: bool = False
) -> dict[str, Any]:
    item: dict[str, Any] = {}
    for name, field in (*_FIELDS, *((one, one) for one in more)):
        _take(entry, item, name, field)
        if name == "content:encoded" and isinstance(item.get(field), str) and item[field]:
            item["content:encodedSnippet"] = snippet_of(item[field])
    if "enclosure" in entry:
        item["enclosure"] = dict(_attributes(_first(entry, "enclosure")))
    if "description" in entry:
        item["content"] = _content(_first(entry, "description"))
        item["contentSnippet"] = snippet_of(item["content"])
    if "guid" in entry:
        item["guid"] = _plain(_first(entry, "guid"))
    if "rdf:about" in _attributes(entry):
        item["rdf:about"] = _attributes(entry)["rdf:about"]
    if "category" in entry:
        item["categories"] = entry["category"]
    _dated(item)
    if is_podcast:
        item["itunes"] = _itunes(entry)
    return item


def _itunes(entry: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in _ITUNES:
        _take(entry, found, f"itunes:{name}", name)
    if (image := _attributes(_first(entry, "itunes:image")).get("href")) is not None:
        found["image"] = image
    return found


def _of_atom(entry: Mapping[str, Any], more: Sequence[str]) -> dict[str, Any]:
    item: dict[str, Any] = {}
    for name in more:
        _take(entry, item, name, name)
    if title := _plain(_first(entry, "title")):
        item["title"] = title
    if "link" in entry:
        item["link"] = _link(entry["link"])
    for name in ("published", "updated"):
        written = _first(entry, name)
        if isinstance(written, str) and written and "pubDate" not in item:
            item["pubDate"] = _iso(written)
    author = _first(entry, "author")
    if isinstance(author, Mapping) and "name" in author:
        item["author"] = _first(author, "name")
    if "content" in entry:
        item["content"] = _content(_first(entry, "content"))
        item["contentSnippet"] = snippet_of(item["content"])
    if "summary" in entry:
        item["summary"] = _content(_first(entry, "summary"))
    if "id" in entry:
        item["id"] = _first(entry, "id")
    _dated(item)
    return item


def _link(links: Any) -> Any:
    told = [_attributes(one) for one in (links if isinstance(links, list) else ())]
    alternate = next((one for one in told if one.get("rel") == "alternate"), None)
    return (alternate or (told[0] if told else {})).get("href")


def _content(value: Any) -> Any:
    found = _plain(value)
    return xml_of(found, _MARKUP) if isinstance(found, Mapping) else found


def snippet_of(written: Any) -> str:
    """The text of markup, without its tags."""
    text = written if isinstance(written, str) else ""
    return unescape(_TAG.sub("", _BROKEN.sub(r"\1\n\2", text))).strip()


def _iso(written: str) -> str:
    """A date as JavaScript writes it; nothing where it cannot be read."""
    found = moment_of(written, day_is_utc=True)
    if found is None:
        return ""
    return found.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _dated(item: dict[str, Any]) -> None:
    date = item.get("pubDate") or item.get("date")
    if isinstance(date, str) and date and (iso := _iso(date.strip())):
        item["isoDate"] = iso

"""Items of feeds that are not well-formed XML, read by feedparser in a child process with limits of time and memory.

feedparser 6.0.14 has quadratic regular expressions (50 kB take 42 s), raises on bad character references and opens a
string as a path or an address: so it is given only bytes, few of them, and its process may be killed.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import Final

import msgspec

from digest import ending

_SECONDS: Final = 5  # of computing
_CLOCK: Final = 160.0  # seconds after which it is ended in any case: a busy machine may be slow
_MEMORY: Final = 2**30
_LARGEST: Final = 500_000
_MOST_TAGS: Final = 5000

# What feedparser found in an item: texts by the name of an element.
Found = dict[str, list[str]]


def read(items: list[str]) -> list[Found | str]:
    """For each text with one item the fields that feedparser finds in it, or why there are none."""
    refused = {n: why for n, item in enumerate(items) if (why := _refusal(item))}
    asked = [n for n in range(len(items)) if n not in refused]
    out: list[Found | str] = [refused.get(n, "it took too long") for n in range(len(items))]
    if not asked:
        return out
    for n, answer in zip(asked, _ask([items[n] for n in asked]), strict=False):
        out[n] = answer or "there is nothing in it"
    return out


def _refusal(item: str) -> str:
    """Why an item is not even tried: nothing of its size or shape is a record; empty where it is tried."""
    if len(item) > _LARGEST:
        return f"it is {len(item)} characters long, too long to be repaired"
    if item.count("<") > _MOST_TAGS or item.count("=") > 4 * _MOST_TAGS:
        return "it has too many tags to be repaired"
    return ""


def _ask(items: list[str]) -> list[Found]:
    """The answers that the child process gives in time."""
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "digest.sources.shared.lenient"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        try:
            answer, _ = child.communicate(msgspec.json.encode(items), timeout=_CLOCK)
        except subprocess.TimeoutExpired:
            child.kill()
            answer, _ = child.communicate()
        except BaseException:
            child.kill()  # leaving the `with` waits for it
            raise
    found: list[Found] = []
    for line in answer.splitlines():
        try:
            found.append(msgspec.json.decode(line, type=Found))
        except msgspec.MsgspecError:  # a line that was cut off by the end
            break
    return found


def _serve() -> None:
    """Reads a list of items and writes a line of JSON for each."""
    import resource

    import feedparser  # type: ignore[import-untyped]  # it has no types

    ending.end_with_parent()
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    for item in msgspec.json.decode(sys.stdin.buffer.read(), type=list[str]):
        try:
            given = feedparser.parse(
                io.BytesIO(item.encode("utf-8", "replace")),
                sanitize_html=False,
                resolve_relative_uris=False,
                response_headers={"content-type": "application/xml; charset=utf-8"},
            )
            found = _found(given.entries[0]) if given.entries else {}
        except Exception:  # noqa: BLE001 - feedparser raises whatever it meets: UnicodeError, TypeError, RecursionError
            found = {}
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        sys.stdout.buffer.flush()


def _found(entry: object) -> Found:
    """An entry of feedparser under the names that feeds use."""
    assert isinstance(entry, dict)
    out: Found = {}

    def add(key: str, value: object) -> None:
        if isinstance(value, str) and value.strip():
            out.setdefault(key, []).append(value)

    for name, key in (
        ("title", "title"),
        ("id", "guid"),
        ("link", "link"),
        ("summary", "description"),
        ("published", "published"),
        ("updated", "updated"),
        ("publisher", "dc:publisher"),
        ("rights", "dc:rights"),
        ("language", "dc:language"),
        ("dc_identifier", "dc:identifier"),
        ("dc_source", "dc:source"),
        ("dc_title", "dc:title"),
    ):
        add(key, entry.get(name))
    for content in entry.get("content", ()):
        add("content:encoded", content.get("value"))
    authors = [author.get("name") for author in entry.get("authors", ()) if author.get("name")]
    for author in authors or [entry.get("author")]:
        add("author", author)
    for tag in entry.get("tags", ()):
        add("category", tag.get("term"))
    for name, value in entry.items():
        if match := re.fullmatch(r"prism_(\w{1,40})", name):
            add(f"prism:{match[1]}", value)
    return out


if __name__ == "__main__":
    _serve()

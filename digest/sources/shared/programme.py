"""What systems for programmes have in common: states, hours with their zones, custom fields, and one note a file.

What only reaches a person (e-mail, telephone, postal address) is dropped as soon as an item is looked at, so that it
gets neither into a record nor into the bytes that the library keeps of it.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.merge import flat
from digest.model import AbstractPart, InconsistentError, Meeting, PartialDate
from digest.sources.shared import markdown, markup
from digest.sources.shared.jsontext import kind_of, scalar_text
from digest.sources.shared.presentations import presentation_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from digest.errors import Problem
    from digest.sources.page import Page
    from digest.sources.shared.draft import Draft

Item = dict[str, Any]


# --- Values of any type ----------------------------------------------------------------------------------------------


def line(value: object) -> str:
    """A text or a number as text on one line; anything else gives an empty text."""
    return " ".join(scalar_text(value).split())


def item(value: object) -> Item:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """A list; of a single thing one with it, of nothing an empty one."""
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def named(value: object, *keys: str) -> str:
    """A name that is given as a text or as an object with it under one of these keys."""
    if not isinstance(value, dict):
        return line(value)
    return next((text for key in keys if (text := line(value.get(key)))), "")


# E-mail, telephone and address, however the systems call them; MD5 of an e-mail shows whose it is.
_PRIVATE: Final = frozenset(
    """
    email emails email_hash emailhash mail phone telephone mobile fax address street postcode zip emergency_contact
    avatar avatar_url avatar_source avatar_license gravatar invitation_token access_code authorids signatures
""".split()
)
_DEEPEST: Final = 30


def without_private(value: object, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
    """A value without the fields that only reach a person; what is nested deeper than any record is left out."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if str(key).lower() not in _PRIVATE}
        return {key: without_private(one, depth + 1) for key, one in kept.items()}
    return [without_private(one, depth + 1) for one in value] if isinstance(value, list) else value


# --- What is said once about a file ----------------------------------------------------------------------------------


class Reading:
    """What is said once about the file of a programme, when all of it was read.

    Attributes:
        page: the page.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self._unread: Counter[str] = Counter()
        self._left: Counter[str] = Counter()
        self._said: dict[str, Problem] = {}

    def look(self, found: Mapping[str, object], read: Collection[str], before: str = "") -> None:
        """Counts the fields of an item that are not read and hold something.

        Args:
            found: the item.
            read: fields that are read, and those that only its system needs.
            before: what comes before the name of a field, such as ``persons.``.
        """
        for name, value in found.items():
            if name not in read and value not in (None, "", [], {}, False):
                self._unread[f"{before}{name[:60]}"] += 1

    def leave(self, state: str) -> None:
        """Counts an item that is not in the programme, by the word of its system for its state."""
        self._left[state[:60] or "without a state"] += 1

    def say(self, code: str, message: str) -> None:
        """Says something about the whole file, the first time a warning of this kind is due."""
        self._said.setdefault(code, self.page.problem("warning", code, message))

    def problems(self) -> Iterator[Problem]:
        """The notes about the file."""
        yield from self._said.values()
        if self._left:
            states = ", ".join(f"{number:,} {state}" for state, number in sorted(self._left.items())[:20])
            message = f"only what was accepted is read; left out by their state: {states}"
            yield self.page.problem("note", "not-accepted", message)
        if self._unread:
            most = [f"{name} ({number:,})" for name, number in sorted(self._unread.items())[:_MOST_NAMED]]
            more = f"; and {len(self._unread) - _MOST_NAMED} more" if len(self._unread) > _MOST_NAMED else ""
            yield self.page.problem("note", "not-read", f"fields that were not read: {', '.join(most)}{more}")


_MOST_NAMED: Final = 40


def no_item(page: Page, found: object, n: int, what: str) -> Problem:
    """The problem in place of an item that is not an object."""
    return page.problem("error", "no-record", f"expected {what}, found {kind_of(found)}", place=f"{what} {n}")


def raw_of(found: object) -> bytes:
    """The bytes of an item, to keep and to compare it."""
    return msgspec.json.encode(found)


# --- Hours -----------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def zone_of(name: str) -> dt.tzinfo | None:
    """The zone that a name of the IANA database means; nothing where this machine knows none of that name."""
    if not re.fullmatch(r"[A-Za-z0-9_+/-]{1,60}", name):
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        return None


def moment_of(text: str, zone: str = "") -> dt.datetime | None:
    """The instant that a day with its hour means, in the zone that it names itself or in this one.

    Nothing for anything else, where no zone is known, or where the year is before 1900: the zones of
    those years have seconds.
    """
    try:
        found = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if len(text.strip()) < len("2014-05-31T13:15"):
        return None  # a day without its hour
    if found.tzinfo is None:
        found = found.replace(tzinfo=zone_of(zone))
    offset = found.utcoffset()
    if offset is None or offset.seconds % 60 or not 1900 <= found.year <= 2999:
        return None
    return found


_LONGEST: Final = dt.timedelta(days=31)


def set_hours(
    draft: Draft, begin: dt.datetime | None, end: dt.datetime | None = None, lasts: dt.timedelta | None = None
) -> None:
    """Sets when the presentation began and ended, and its day as the date where nothing else gives one.

    Args:
        draft: the draft.
        begin: when it began.
        end: when it ended, where that is given.
        lasts: how long it took, where that is given instead.
    """
    if begin is None:
        return
    if end is None and lasts is not None and dt.timedelta() < lasts <= _LONGEST:
        end = begin + lasts
    if end is not None and end < begin:
        draft.tell("warning", "odd-hour", f"it ends ({_written(end)}) before it begins; the end was left out")
        end = None
    draft.begins, draft.ends = _written(begin), _written(end) if end else None
    source = draft.page.defaults
    if not (source and (source.issued or (source.meeting and source.meeting.start))):
        draft.issued = PartialDate(begin.year, begin.month, begin.day)


def _written(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="minutes")


def day_of(text: str) -> PartialDate | None:
    """The day with which a text begins, such as ``2014-05-31T13:15``."""
    try:
        return PartialDate.parse(text.strip()[:10])
    except ValueError:
        return None


def meeting_of(name: str, place: str, start: str, end: str) -> Meeting | None:
    """The meeting with its days, where these do not contradict each other; nothing without a name."""
    if not name:
        return None
    try:
        return Meeting(name=name, place=place, start=day_of(start), end=day_of(end))
    except InconsistentError:
        return Meeting(name=name, place=place)


# --- Texts -----------------------------------------------------------------------------------------------------------

_HTML: Final = re.compile(
    r"</?(?:p|br|div|span|ul|ol|li|em|strong|i|b|su[bp]|h[1-6]|table|a)(?:\s[^<>]*)?/?>", re.IGNORECASE
)


def abstract_of(text: object) -> tuple[AbstractPart, ...]:
    """The abstract that a text in HTML or Markdown holds, in its parts."""
    if not isinstance(text, str) or not text.strip():
        return ()
    text = text.replace("\r\n", "\n")
    if _HTML.search(text):
        return markup.abstract(text)
    return (
        markup.parts(markdown.blocks(text))
        if re.search(r"[*_#`\\^~\[>]|^\s*[-+] ", text, re.MULTILINE)
        else (markup.abstract(text))
    )


_MEANINGS: Final[Mapping[str, str]] = {
    "keywords": "keywords",
    "keyword": "keywords",
    "key words": "keywords",
    "schlagworter": "keywords",
    "stichworter": "keywords",
    "mots cles": "keywords",
    "palabras clave": "keywords",
    "doi": "doi",
    "presentation type": "presentation",
    "type of presentation": "presentation",
}
_PARTS: Final = frozenset(
    """
    background introduction objective objectives aim aims purpose methods method materials_and_methods
    patients_and_methods results findings conclusion conclusions discussion
""".split()
)


def add_custom(draft: Draft, reading: Reading, fields: Iterable[tuple[str, object]]) -> None:
    """Reads fields that an organiser added, where their names leave no doubt what they are; the others are counted.

    Parts of an abstract are read where the abstract itself is empty, and each field only if it is a text.
    """
    parts: list[AbstractPart] = []
    for name, value in fields:
        text = "; ".join(filter(None, map(line, value))) if isinstance(value, list) else scalar_text(value)
        words = flat(name)
        match _MEANINGS.get(words, ""):
            case _ if not text:
                continue
            case "keywords":
                draft.keywords += [word for word in re.split(r"\s*[;,\n]\s*", text) if word]
            case "doi":
                draft.ids.append("doi:" + re.sub(r"^doi:\s?", "", text, flags=re.IGNORECASE))
            case "presentation" if not draft.presentation and presentation_in(text):
                draft.presentation = presentation_in(text)
            case "" if words.replace(" ", "_") in _PARTS and not draft.parts:
                rich = markup.joined(markup.blocks(text) if _HTML.search(text) else markdown.blocks(text))
                if rich:
                    parts.append(AbstractPart(label=name.strip(" :"), text=rich))
            case _:
                reading.look({f"“{name[:60]}”": text}, ())
    draft.parts = draft.parts or tuple(parts)

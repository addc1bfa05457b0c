"""The words that a theme prints in the language of the issue, and that language's ways of writing dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from digest import strict
from digest.csl.locales import locale_for
from digest.errors import Problem, did_you_mean
from digest.languages import direction, name_of
from digest.typed import Marks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Meeting, PartialDate
    from digest.render.theme import Theme

_PLACE: Final = re.compile(r"\{(\w+)\}")


class UnknownWordError(Exception):
    """A template asks for a word that the theme does not have."""


class Words(Mapping[str, str]):
    """The words of a theme in one language, by their keys; templates write ``words.contents``."""

    def __init__(
        self, texts: Mapping[str, str], language: str, places: Mapping[str, str], *, page: str | None = None
    ) -> None:
        """Keeps the words.

        Args:
            texts: the words by their keys.
            language: the language that they are in, a tag of BCP 47.
            places: file and line of each, as messages show them.
            page: the language of the issue, where the theme has no words in it.
        """
        self.language, self._page = language, page or language
        self._texts = dict(texts)
        self._places = dict(places)
        self._locale = locale_for((), language)
        self.marks = marks_of(language)

    def __getitem__(self, key: str) -> str:
        try:
            return self._texts[key]
        except KeyError:
            raise UnknownWordError(f"there is no word “{key}”{did_you_mean(key, self._texts)}") from None

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def direction(self) -> str:
        """``rtl`` where the language of the issue runs from right to left, else ``ltr``; for the attribute ``dir``."""
        return direction(self._page)

    def lang(self, language: str, inside: str | None = None, *, turn: bool = True) -> Markup:
        """The attributes of an element in a language: `` lang="en"``, and `` dir="ltr"`` where it runs another way.

        Args:
            language: the language of the element, a tag of BCP 47.
            inside: the language of the element around it: nothing is printed where both are the same. When left out,
                that is the language of the issue, and ``lang`` is printed in any case.
            turn: whether the element begins on the other side where it runs another way; else it has no ``dir``.
        """
        if inside is not None and inside.lower() == language.lower():
            return Markup()
        way = direction(language)
        turned = turn and way != direction(self._page if inside is None else inside)
        return Markup(' lang="{}"').format(language) + (Markup(' dir="{}"').format(way) if turned else "")

    def word(self, key: str, /, **values: Any) -> Markup:  # noqa: ANN401 - whatever a template prints
        """The word with its ``{places}`` filled in; values keep their markup, plain ones are escaped.

        Args:
            key: its key; blanks and hyphens count as underscores, so that a value of a field can be part of it.
            values: what goes into its places.

        Raises:
            UnknownWordError: there is no such word, or it has a place that nothing was given for.
        """
        key = re.sub(r"[ -]", "_", str(key))
        text = self[key]

        def filled(match: re.Match[str]) -> str:
            if match[1] not in values:
                known = ", ".join(f"{{{name}}}" for name in values) or "nothing"
                where = f" in {self._places[key]}" if key in self._places else ""
                raise UnknownWordError(f"the word “{key}”{where} has a place {match[0]}; what was given is {known}")
            return str(escape(values[match[1]]))

        return Markup(_PLACE.sub(filled, str(escape(text))))  # noqa: S704 - text and values are escaped

    def month(self, number: int | None) -> str:
        """The name of a month; empty when it is not known."""
        return self._locale.text(f"month-{number:02d}") if number else ""

    def date(self, date: PartialDate) -> str:
        """A date as text, such as ``28 July 2014``, ``July 2014`` or ``2014``."""
        if date.month is None:
            return str(date.year)
        key = "date_month" if date.day is None else "date_day"
        return self._dated(key, day=date.day, month=self.month(date.month), year=date.year)

    def dates(self, meeting: Meeting) -> str:
        """The days of a meeting, such as ``May 30 - June 3, 2014``; empty when not known."""
        start, end = meeting.start or meeting.end, meeting.end or meeting.start
        if start is None or end is None:
            return ""
        if start.day is None or end.day is None:
            months = [self.date(type(day)(day.year, day.month)) if day.month else str(day.year) for day in (start, end)]
            first, last = months
            return first if first == last else self._dated("dates_without_days", first=first, last=last)
        key = (
            "dates_day"
            if start == end
            else "dates_years"
            if start.year != end.year
            else "dates_months"
            if start.month != end.month
            else "dates_days"
        )
        return self._dated(
            key,
            day=start.day,
            month=self.month(start.month),
            year=start.year,
            last_day=end.day,
            last_month=self.month(end.month),
            last_year=end.year,
        )

    def event_line(self, meeting: Meeting) -> str:
        """``Highlights from the “50th ASCO Annual Meeting 2014”. Chicago, IL, USA. May 30 - June 3, 2014``."""
        line = self.word("event_line", meeting=meeting.name).unescape()
        return ". ".join(part for part in (line, meeting.place, self.dates(meeting)) if part)

    def _dated(self, key: str, **values: object) -> str:
        return self.word(key, **values).unescape()


def marks_of(language: str) -> Marks:
    """What a language prints for straight quotes and for a hyphen between numbers, as the locales of CSL have it."""
    locale = locale_for((), language)
    outer, inner = locale.quotes.outer, locale.quotes.inner
    if outer[0] == "‘":  # who types two strokes means two strokes, also where single quotes are usual
        outer, inner = inner, outer
    return Marks(outer=outer, inner=inner, range=locale.text("page-range-delimiter") or "–")


def _odd_places(read: strict.Read[dict[str, str]], key: str, own: str | None) -> Iterator[Problem]:
    """An error for each ``{place}`` of an editor's word that the theme's own word does not have; dates have several."""
    if own is None or key.startswith("date"):
        return
    places = _PLACE.findall(own)
    for name in _PLACE.findall((read.value or {})[key]):
        if name not in places:
            known = ", ".join(f"{{{one}}}" for one in places) or "none"
            message = f"the word “{key}” has no place {{{name}}}{did_you_mean(name, places)}; its places are {known}"
            yield read.problem("error", "unknown-place", message, key)


def read_words(theme: Theme, language: str) -> tuple[Words, tuple[Problem, ...]]:
    """The words of a theme in a language, and what is wrong with them.

    A word is taken from the editor's ``overrides/words/``, else from the theme, else from those that it extends; what
    is missing in the dialect (``de-AT``) from the language (``de``), and then from English.
    """
    tag, language = language, language.lower()
    own = language.partition("-")[0]
    own_words = own == "en"
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    places: dict[str, str] = {}
    known: set[str] = set()
    for name in dict.fromkeys(("en", own, language)):
        spoken: dict[str, str] = {}
        for path in reversed(theme.candidates(f"words/{name}.yaml")):
            shown = theme.shown(path)
            read: strict.Read[dict[str, str]] = strict.read(strict.read_text(path, shown), dict[str, str], shown)
            problems += read.problems
            found = read.value or {}
            if path.is_relative_to(theme.overrides.resolve()):
                for key in found:
                    if key not in known | set(spoken) and not theme.names_in_overrides(key):
                        message = f"no template prints a word “{key}”{did_you_mean(key, known | set(spoken))}"
                        problems.append(read.problem("warning", "unknown-word", message, key))
                    problems += _odd_places(read, key, spoken.get(key, texts.get(key)))
            spoken |= found
            places |= {key: f"{shown}:{read.text_line(key)}" for key in found}
        if name == own and own != "en" and (missing := [key for key in texts if key not in spoken]):
            listed = ", ".join(missing[:6]) + (", …" if len(missing) > 6 else "")
            message = (
                f"these words are printed in English: {listed}"
                if spoken
                else f"there are no words in {name_of(own)} yet, and those of the theme are printed in English"
            )
            where = f"overrides/words/{own}.yaml"
            todo = f"write them into {where}" + ("" if spoken else ", as in words/en.yaml of the theme")
            problems.append(Problem(level="warning", code="missing-word", message=f"{message}; {todo}", file=where))
        own_words = own_words or (name != "en" and bool(spoken))
        known |= set(spoken)
        texts |= spoken
    return Words(texts, tag if own_words else "en", places, page=tag), tuple(problems)

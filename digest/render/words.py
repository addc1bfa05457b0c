"""The words that a theme prints in the language of the issue, and that language's ways of writing dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup, escape

from digest import strict
from digest.csl.locales import locale_for
from digest.errors import Problem, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from digest.model import Meeting, PartialDate
    from digest.render.theme import Theme

_PLACE: Final = re.compile(r"\{(\w+)\}")
# Languages that are written from right to left, by their first subtag (Unicode CLDR, characterOrder).
_RIGHT_TO_LEFT: Final = frozenset({"ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})


class UnknownWordError(Exception):
    """A template asks for a word that the theme does not have."""


class Words(Mapping[str, str]):
    """The words of a theme in one language, by their keys; templates write ``words.contents``."""

    def __init__(self, texts: Mapping[str, str], language: str) -> None:
        self.language = language
        self._texts = dict(texts)
        self._locale = locale_for((), language)

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
        """``rtl`` for a language that is written from right to left, else ``ltr``; for the HTML attribute ``dir``."""
        return "rtl" if self.language.partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"

    def word(self, key: str, /, **values: Any) -> Markup:  # noqa: ANN401 - whatever a template prints
        """The word with its ``{places}`` filled in; values keep their markup, plain ones are escaped.

        Args:
            key: its key; blanks and hyphens count as underscores, so that a value of a field can be part of it.
            values: what stands in its places.

        Raises:
            UnknownWordError: there is no such word, or it has a place that nothing was given for.
        """
        key = re.sub(r"[ -]", "_", str(key))
        text = self[key]

        def filled(match: re.Match[str]) -> str:
            if match[1] not in values:
                known = ", ".join(f"{{{name}}}" for name in values) or "none"
                raise UnknownWordError(f"the word “{key}” has a place {match[0]}; there is {known} here")
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
            "dates_day" if start == end
            else "dates_years" if start.year != end.year
            else "dates_months" if start.month != end.month
            else "dates_days"
        )  # fmt: skip
        return self._dated(
            key, day=start.day, month=self.month(start.month), year=start.year,
            last_day=end.day, last_month=self.month(end.month), last_year=end.year,
        )  # fmt: skip

    def event_line(self, meeting: Meeting) -> str:
        """``Highlights from the “50th ASCO Annual Meeting 2014”. Chicago, IL, USA. May 30 - June 3, 2014``."""
        line = self.word("event_line", meeting=meeting.name).unescape()
        return ". ".join(part for part in (line, meeting.place, self.dates(meeting)) if part)

    def _dated(self, key: str, **values: object) -> str:
        return self.word(key, **values).unescape()


def read_words(theme: Theme, language: str) -> tuple[Words, tuple[Problem, ...]]:
    """The words of a theme in a language, and what is wrong with them.

    A word is taken from the editor's ``overrides/words/``, else from the theme, else from those that it extends; what
    is missing in the dialect (``de-AT``) from the language (``de``), and then from English.
    """
    language = language.lower()
    own = language.partition("-")[0]
    problems: list[Problem] = []
    texts: dict[str, str] = {}
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
            spoken |= found
        if name == own and own != "en" and (missing := [key for key in texts if key not in spoken]):
            listed = ", ".join(missing[:6]) + (", …" if len(missing) > 6 else "")
            message = (
                f"these words are printed in English: {listed}" if spoken else f"there are no words in “{own}” yet"
            )
            where = f"overrides/words/{own}.yaml"
            todo = f"write them into {where}" + ("" if spoken else ", as words/en.yaml of the theme has them")
            problems.append(Problem(level="warning", code="missing-word", message=f"{message}; {todo}", file=where))
        known |= set(spoken)
        texts |= spoken
    return Words(texts, language), tuple(problems)

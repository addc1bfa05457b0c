"""The words, dates and habits of a language: locale files, a style's own terms above them, and the fallback between.

The locale files are data of the package ``citeproc-py`` (they come from the CSL project, CC BY-SA 3.0); its code is not
imported. Each file is read once per process, when a style first asks for it.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from digest.csl.draft import Quotes
from digest.csl.style import LocaleLayer, Term, parse_xml, read_locale
from digest.csl.vocabulary import LOCATORS

if TYPE_CHECKING:
    from digest.csl.style import Date

# Languages whose main dialect is not written by doubling the language's letters (`fr` is `fr-FR` without a table),
# and the dialects that fall back on another (CSL 1.0.2 “Locale Fallback”).
_PRIMARY: Final = {
    "af": "af-ZA",
    "bal": "bal-PK",
    "brh": "brh-PK",
    "ca": "ca-AD",
    "cs": "cs-CZ",
    "cy": "cy-GB",
    "da": "da-DK",
    "el": "el-GR",
    "en": "en-US",
    "et": "et-EE",
    "fa": "fa-IR",
    "gl": "gl-ES",
    "he": "he-IL",
    "hi": "hi-IN",
    "hy": "hy-AM",
    "ja": "ja-JP",
    "km": "km-KH",
    "ko": "ko-KR",
    "lij": "lij-IT",
    "ms": "ms-MY",
    "nb": "nb-NO",
    "nn": "nn-NO",
    "no": "nb-NO",
    "pa": "pa-PK",
    "pt": "pt-PT",
    "sl": "sl-SI",
    "sr": "sr-Cyrl-RS",
    "sv": "sv-SE",
    "tl": "tl-PH",
    "uk": "uk-UA",
    "vi": "vi-VN",
    "zh": "zh-CN",
}
_FORM_FALLBACK: Final = {"verb-short": "verb", "symbol": "short", "verb": "long", "short": "long"}


_PLACE: Final = re.compile(r"\s*(?:[^\W\d_]?\d|[ivxlcdm]+\b)", re.IGNORECASE)


class Locale:
    """What one language and one style together say; made by `locale_for`.

    Attributes:
        lang: the dialect, such as ``en-US``.
        dates: localized date formats by their form, ``text`` and ``numeric``.
        quotes: how it quotes.
        limit_day_ordinals: whether only the first of a month is an ordinal.
    """

    def __init__(self, lang: str, layers: list[LocaleLayer]) -> None:
        """Layers come in order of growing priority."""
        self.lang = lang
        self._terms: dict[tuple[str, str, str], Term] = {}
        self._locator_words: dict[str, str] | None = None
        self.dates: dict[str, Date] = {}
        options: dict[str, str] = {}
        for layer in layers:
            if any(name == "ordinal" or name.startswith("ordinal-") for name, _, _ in layer.terms):
                # Ordinals go together: a layer that defines one replaces all (CSL 1.0.2 “Ordinal Suffixes”).
                self._terms = {key: term for key, term in self._terms.items() if not key[0].startswith("ordinal")}
            self._terms |= layer.terms
            self.dates |= layer.dates
            options |= layer.options
        self.limit_day_ordinals = options.get("limit-day-ordinals-to-day-1") == "true"
        self.quotes = Quotes(
            (self.text("open-quote"), self.text("close-quote")),
            (self.text("open-inner-quote"), self.text("close-inner-quote")),
            options.get("punctuation-in-quote") == "true",
        )

    def term(self, name: str, form: str = "long") -> Term | None:
        """The term, or that of the nearest form that is defined; `None` where there is none (CSL 1.0.2 “Terms”)."""
        wanted: str | None = form
        while wanted:
            term = self._terms.get((name, wanted, ""))
            if term is not None:
                return term
            wanted = _FORM_FALLBACK.get(wanted)
        return None

    def text(self, name: str, form: str = "long", *, plural: bool = False) -> str:
        """The words of a term; empty where it is not defined."""
        term = self.term(name, form)
        if term is None:
            return ""
        return term.multiple if plural else term.single

    def locator_label(self, locator: str) -> tuple[str, str]:
        """The label that a locator itself begins with, and the rest: ``vol. 1`` is ``volume`` and ``1``."""
        word, _, rest = locator.partition(" ")
        if not rest or not (word[0].isalpha() or word[0] in "§¶") or not _PLACE.match(rest):
            return "", locator
        if self._locator_words is None:
            self._locator_words = {
                text.casefold(): name
                for name in LOCATORS
                for form in ("long", "short")
                for term in (self.term(name, form),)
                if term is not None
                for text in (term.multiple, term.single)
            }
        label = self._locator_words.get(word.casefold())
        return (label, rest.lstrip()) if label else ("", locator)

    def gender(self, name: str) -> str:
        """The gender of the noun that a number variable or month has, or nothing."""
        term = self._terms.get((name, "long", ""))
        return term.gender if term else ""

    def ordinal_suffix(self, number: int, gender: str) -> str:
        """``nd`` for 2; CSL 1.0.2 “Ordinal Suffixes”."""
        last, two = number % 10, number % 100
        candidates = [
            (f"ordinal-{number:02d}", "whole-number"),
            (f"ordinal-{two:02d}", "last-two-digits"),
            (f"ordinal-{last:02d}", "last-digit"),
        ]
        for name, rule in candidates:
            for wanted in (gender, "") if gender else ("",):
                term = self._terms.get((name, "long", wanted))
                if term is None:
                    continue
                usual = "last-digit" if name < "ordinal-10" else "last-two-digits"
                match = term.match or usual
                order = ("last-digit", "last-two-digits", "whole-number")
                if order.index(rule if rule in order else usual) >= order.index(match if match in order else usual):
                    return term.single
        default = self._terms.get(("ordinal", "long", gender)) or self._terms.get(("ordinal", "long", ""))
        if default is None:
            # Some locales have the general ending by gender only, and nouns without one (`edition` in pt-PT). Other
            # processors take the last of the file then.
            default = self._terms.get(("ordinal", "long", "feminine")) or self._terms.get(
                ("ordinal", "long", "masculine")
            )
        if default is not None:
            return default.single
        # CSL 1.0: `ordinal-01` to `ordinal-03` by the last digit, `ordinal-04` for all others.
        old = self._terms.get(("ordinal-04", "long", ""))
        return old.single if old else ""

    def long_ordinal(self, number: int, gender: str) -> str:
        """``second`` for 2; nothing beyond ten."""
        name = f"long-ordinal-{number:02d}"
        term = self._terms.get((name, "long", gender)) or self._terms.get((name, "long", ""))
        return term.single if term else ""


def locale_for(style_layers: tuple[LocaleLayer, ...], lang: str) -> Locale:
    """The locale for a style and a language, by the six steps of CSL 1.0.2 “Locale Fallback”."""
    dialect = _dialect(lang)
    language = dialect.split("-")[0]
    primary = _dialect(language)
    layers = [layer for name in dict.fromkeys(("en-US", primary, dialect)) if (layer := _file(name)) is not None]
    for wanted in dict.fromkeys(("", language, dialect)):
        layers += [layer for layer in style_layers if layer.lang == wanted]
    return Locale(dialect, layers)


@lru_cache(maxsize=1)
def locale_names() -> dict[str, tuple[str, ...]]:
    """The languages that there are words for: the tag of each locale, with its name in that language and in English."""
    folder = _folder()
    if folder is None:
        return {}
    names = json.loads((folder / "locales.json").read_text(encoding="utf-8"))["language-names"]
    return {tag: tuple(said) for tag, said in names.items() if _path(tag)}


def _dialect(lang: str) -> str:
    lang = lang.replace("_", "-").strip() or "en-US"
    if lang in _PRIMARY:
        return _PRIMARY[lang]
    if "-" in lang:
        language, rest = lang.split("-", 1)
        return f"{language.lower()}-{rest if '-' in rest else rest.upper()}"
    doubled = f"{lang}-{lang.upper()}"
    return doubled if _path(doubled) else lang


@lru_cache(maxsize=1)
def _folder() -> Path | None:
    spec = find_spec("citeproc")  # finds the package without running it
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) / "data" / "locales" if places else None


def _path(lang: str) -> Path | None:
    folder = _folder()
    if folder is None or not lang.replace("-", "").isalnum():
        return None
    path = folder / f"locales-{lang}.xml"
    return path if path.is_file() else None


@lru_cache(maxsize=64)
def _file(lang: str) -> LocaleLayer | None:
    path = _path(lang)
    return read_locale(parse_xml(path.read_bytes())) if path else None

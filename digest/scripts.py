"""The scripts that texts are written in: their letters, the one language that has a script, a font to print it."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable


class Script(msgspec.Struct, frozen=True):
    """A script.

    Attributes:
        tag: its code of four letters (ISO 15924).
        name: what people call it.
        letters: its letters, as ranges inside of the brackets of a pattern (Unicode, Blocks.txt).
        language: the language that alone, or nearly alone, is written with it; empty where there are several.
        package: the package of Debian with a font that has them.
    """

    tag: str
    name: str
    letters: str
    language: str = ""
    package: str = "fonts-noto-core"


SCRIPTS: Final = (
    Script("Latn", "Latin", "A-Za-z\u00aa\u00ba\u00c0-\u024f\u1e00-\u1eff"),
    Script("Grek", "Greek", "\u0370-\u03ff\u1f00-\u1fff", "el"),
    Script("Cyrl", "Cyrillic", "\u0400-\u052f"),
    Script("Armn", "Armenian", "\u0530-\u058f", "hy"),
    Script("Hebr", "Hebrew", "\u0590-\u05ff\ufb1d-\ufb4f", "he"),
    Script("Arab", "Arabic", "\u0600-\u06ff\u0750-\u077f\u0870-\u08ff\ufb50-\ufdff\ufe70-\ufeff"),
    Script("Syrc", "Syriac", "\u0700-\u074f", "syr"),
    Script("Thaa", "Thaana", "\u0780-\u07bf", "dv"),
    Script("Nkoo", "N’Ko", "\u07c0-\u07ff", "nqo"),
    Script("Deva", "Devanagari", "\u0900-\u097f\ua8e0-\ua8ff"),
    Script("Beng", "Bengali", "\u0980-\u09ff"),
    Script("Guru", "Gurmukhi", "\u0a00-\u0a7f", "pa"),
    Script("Gujr", "Gujarati", "\u0a80-\u0aff", "gu"),
    Script("Orya", "Odia", "\u0b00-\u0b7f", "or"),
    Script("Taml", "Tamil", "\u0b80-\u0bff", "ta"),
    Script("Telu", "Telugu", "\u0c00-\u0c7f", "te"),
    Script("Knda", "Kannada", "\u0c80-\u0cff", "kn"),
    Script("Mlym", "Malayalam", "\u0d00-\u0d7f", "ml"),
    Script("Sinh", "Sinhala", "\u0d80-\u0dff", "si"),
    Script("Thai", "Thai", "\u0e00-\u0e7f", "th"),
    Script("Laoo", "Lao", "\u0e80-\u0eff", "lo"),
    Script("Tibt", "Tibetan", "\u0f00-\u0fff", "bo"),
    Script("Mymr", "Burmese", "\u1000-\u109f", "my"),
    Script("Geor", "Georgian", "\u10a0-\u10ff\u1c90-\u1cbf", "ka"),
    Script("Ethi", "Ethiopic", "\u1200-\u139f"),
    Script("Khmr", "Khmer", "\u1780-\u17ff", "km"),
    Script("Mong", "Mongolian", "\u1800-\u18af", "mn-Mong"),
    Script("Kana", "Japanese", "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f", "ja", "fonts-noto-cjk"),
    Script("Hang", "Korean", "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af", "ko", "fonts-noto-cjk"),
    Script(
        "Hani", "Chinese",
        "\u2e80-\u2fdf\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff65\U00020000-\U0003ffff",
        package="fonts-noto-cjk",
    ),
)  # fmt: skip
_BY_TAG: Final = {script.tag: script for script in SCRIPTS}
_ANY: Final = re.compile("|".join(f"(?P<{script.tag}>[{script.letters}])" for script in SCRIPTS))


@functools.cache
def script_of(char: str) -> Script | None:
    """The script of a character; nothing for digits, signs and letters of scripts that are not in the table."""
    match = _ANY.match(char)
    return _BY_TAG[match.lastgroup] if match and match.lastgroup else None


def main_script(text: str) -> Script | None:
    """The script that most letters of a text have; kana among Chinese characters make it Japanese."""
    counts: Counter[Script | None] = Counter()
    for char, times in Counter(text).items():
        if unicodedata.category(char)[0] == "L":
            counts[script_of(char)] += times
    del counts[None]
    if counts[_BY_TAG["Kana"]]:
        counts[_BY_TAG["Kana"]] += counts.pop(_BY_TAG["Hani"], 0)
    return counts.most_common(1)[0][0] if counts else None


class Lacking(msgspec.Struct, frozen=True):
    """Characters that one font has.

    Attributes:
        package: the package of Debian with the font; empty for Latin letters and what belongs to no script.
        names: the names of their scripts.
        chars: the characters.
    """

    package: str
    names: tuple[str, ...]
    chars: tuple[str, ...]


def scripts_of(chars: Iterable[str]) -> tuple[Lacking, ...]:
    """Characters by the fonts that have them: one for Chinese, Japanese and Korean, one for each other script."""
    found: dict[tuple[str, str], list[str]] = {}
    for char in chars:
        script = script_of(char)
        if script is None or script.tag == "Latn":
            found.setdefault(("", ""), []).append(char)
        else:
            of_its_own = "" if script.package == "fonts-noto-cjk" else script.tag
            found.setdefault((script.package, of_its_own), []).append(char)
    return tuple(
        Lacking(
            package,
            tuple(dict.fromkeys(script.name for char in those if (script := script_of(char)))),
            tuple(those),
        )
        for (package, _), those in found.items()
    )

"""How languages sort letters: what each adds to the common order, in the notation of its own alphabet.

The common order is that of the Unicode Collation Algorithm as CLDR has it: white space, punctuation, figures, letters;
accents and case only decide between equals. What a language changes is in CLDR's tailorings (`common/collation/*.xml`):
letters of their own (`č` after all of `c` in Czech), letters at the end (`å ä ö` in Swedish), digraphs (`ch` after
`h`), and its own script before all others.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_LETTERS: Final = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "đ": "d",
    "ı": "i",
    "ħ": "h",
}
_IGNORED_AT_START: Final = "'’ʼ‘ʻ\"“”«»([{<¿¡"
# Punctuation sorts in the order of CLDR's root collation, after white space and before figures.
_PUNCTUATION: Final = "_-‐‑‒–—,;:!?.…'‘’‚“”„«»\"()[]{}§¶@*/\\&#%†‡•`´˜^¨°©®+±÷×<=>|~¢$£¥€"
# Between the parts of a name, and white space: both lower than all punctuation, which begins with `#` here.
_LOW: Final = {"\x1e": "\x1e", "\x1f": "\x1f", " ": " ", "\u00a0": " ", "\t": " ", "\n": " "}
_LOW_AND_PUNCTUATION: Final = _LOW | {sign: "#" + chr(0x80 + place) for place, sign in enumerate(_PUNCTUATION)}
# Letters of their own, although they decompose or have a code far from their place.
_WHOLE: Final = {"й": "и\uf8f0", "ї": "і\uf8f0", "ў": "у\uf8f0"} | {
    letter: f"{base}\uf8f0" for base, letter in ("بپ", "جچ", "زژ", "کگ")
}

# `base: letters` puts these letters, in this order, after all words with the base letter. `z` is the end of the
# alphabet. Letters joined by `=` sort as one.
_TAILORED: Final = {
    "cs": "c: č; h: ch; r: ř; s: š; z: ž",
    "cy": "c: ch; d: dd; f: ff; g: ng; l: ll; p: ph; r: rh; t: th",
    "da": "d: ð; y=ü=ű; z: æ=ä ø=ö=ő å=aa",
    "es": "n: ñ",
    "et": "s: š z ž; w: õ ä ö ü",
    "fi": "d: ð; y=ü; z: å ä=æ ö=ø",
    "hr": "c: č ć; d: dž đ; l: lj; n: nj; s: š; z: ž",
    "hu": "c: cs; d: dz dzs; g: gy; l: ly; n: ny; o: ö=ő; s: sz; t: ty; u: ü=ű; z: zs",
    "is": "a: á; d: ð; e: é; i: í; o: ó; u: ú; y: ý; z: þ æ=ä ö=ø å",
    "lt": "c: č; i=y; s: š; z: ž",
    "lv": "c: č; g: ģ; i=y; k: ķ; l: ļ; n: ņ; r: ŗ; s: š; z: ž",
    "pl": "a: ą; c: ć; e: ę; l: ł; n: ń; o: ó; s: ś; z: ź ż",
    "ro": "a: ă â; i: î; s: ș=ş; t: ț=ţ",
    "sk": "a: ä; c: č; h: ch; o: ô; r: ř; s: š; z: ž",
    "sq": "c: ç; d: dh; e: ë; g: gj; l: ll; n: nj; r: rr; s: sh; t: th; x: xh; z: zh",
    "sv": "d: ð; y=ü; z: å ä=æ ö=ø",
    "tl": "n: ñ ng",
    "tr": "c: ç; g: ğ; h: ı; o: ö; s: ş; u: ü",
    "uk": "г: ґ",
    "vi": "a: ă â; d: đ; e: ê; o: ô ơ; u: ư",
}
_SAME: Final = {"bs": "hr", "fil": "tl", "gl": "es", "eu": "es", "nb": "da", "nn": "da", "no": "da", "sl": "hr"}
# The script that comes before all others, by the first and last character of its letters.
_SCRIPTS: Final = {
    "Arab": "\u0600\u06ff",
    "Armn": "\u0530\u058f",
    "Cyrl": "\u0400\u04ff",
    "Deva": "\u0900\u097f",
    "Grek": "\u0370\u03ff",
    "Guru": "\u0a00\u0a7f",
    "Hang": "\u1100\u11ff",
    "Hani": "\u4e00\u9fff",
    "Hebr": "\u0590\u05ff",
    "Khmr": "\u1780\u17ff",
    "Thai": "\u0e00\u0e7f",
}
_FIRST: Final = {
    "ar": "Arab",
    "be": "Cyrl",
    "bg": "Cyrl",
    "el": "Grek",
    "fa": "Arab",
    "he": "Hebr",
    "hi": "Deva",
    "hy": "Armn",
    "km": "Khmr",
    "ko": "Hang",
    "mk": "Cyrl",
    "mn": "Cyrl",
    "pa": "Guru",
    "ru": "Cyrl",
    "sr": "Cyrl",
    "th": "Thai",
    "uk": "Cyrl",
    "zh": "Hani",
}
# The tones of Vietnamese, which are not part of a letter.
_TONES: Final = re.compile("[\u0300\u0301\u0303\u0309\u0323]")


@lru_cache(maxsize=16)
def collator(lang: str) -> Callable[[str], tuple[str, str]]:
    """The function that makes a key of a text, by which it sorts in this language."""
    language = lang.split("-", maxsplit=1)[0].lower()
    language = _SAME.get(language, language)
    if language == "sr" and "Latn" in lang:
        language = "hr"
    letters = _letters_of(_TAILORED.get(language, ""))
    longest = re.compile("|".join(sorted(map(re.escape, letters), key=len, reverse=True))) if letters else None
    first = _SCRIPTS.get(_FIRST.get(language, ""))
    has_tones = language == "vi"

    @lru_cache(maxsize=65536)
    def key(text: str) -> tuple[str, str]:
        """The letters alone first, then their accents; case never counts."""
        lowered = text.casefold()
        if longest is not None:
            if language == "tr":
                lowered = text.replace("I", "ı").replace("İ", "i").casefold()
            if has_tones:
                lowered = _TONES.sub("", unicodedata.normalize("NFD", lowered))
            lowered = unicodedata.normalize("NFC", lowered)
            lowered = longest.sub(lambda match: letters[match[0]], lowered.lstrip(_IGNORED_AT_START))
        if not (lowered.isascii() and lowered.isalnum()):
            lowered = _plain(lowered.lstrip(_IGNORED_AT_START))
            if first is not None:
                lowered = "".join([f"@{letter}" if first[0] <= letter <= first[1] else letter for letter in lowered])
        return lowered, text.casefold()

    return key


def _plain(text: str) -> str:
    if not text.isascii():
        text = "".join([_WHOLE.get(character, character) for character in unicodedata.normalize("NFC", text)])
        text = "".join(
            [
                _LETTERS.get(character, character)
                for character in unicodedata.normalize("NFD", text)
                if not unicodedata.combining(character)
            ]
        )
    return "".join(
        [
            character
            if character.isalnum() or "\uf8f0" <= character <= "\uf8ff"
            else _LOW_AND_PUNCTUATION.get(character, f"#\uffff{character}")
            for character in text
        ]
    )


def _letters_of(table: str) -> dict[str, str]:
    """What the letters of a row of the table sort as: a base letter, and a character that is higher than any letter."""
    found: dict[str, str] = {}
    for row in filter(None, (row.strip() for row in table.split(";"))):
        base, colon, rest = row.partition(":")
        if not colon:
            base, *same = row.split("=")
            found |= dict.fromkeys(same, base)
            continue
        for place, letters in enumerate(rest.split()):
            found |= {letter: f"{base}{chr(0xF8F0 + place)}" for letter in letters.split("=")}
    return found

"""Which language a text is in, as its letters and words show it; what they do not show is not guessed.

What a record says of its language is about the article, and not always about the text that is at hand: of an article in
German, PubMed has the title and the abstract in English.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import msgspec

from digest.languages import direction, is_known
from digest.scripts import main_script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.model import Record

UNKNOWN: Final = "und"  # BCP 47, section 4.1: undetermined
# Letters that a text needs, and how sure CLD3 must be then. Of 2,500 titles and 3,500 abstracts from the wild, one
# was taken for another language with these; of titles alone, every second one is left undecided.
_SURE: Final = ((160, 0.9), (100, 0.95), (60, 0.99))
_NEAR: Final = (20, 0.4)  # the same for a language that is likely, if no other is nearer
_SURE_OF_OTHER_SCRIPTS: Final = ((12, 0.9),)
# What CLD3 calls otherwise, and languages that it takes for each other, or that are names for the same.
_CALLED: Final = {"iw": "he", "no": "nb"}
_ALIKE: Final = (
    {"no", "nb", "nn", "da"},
    {"he", "iw", "yi"},
    {"sr", "hr", "bs", "sh", "cnr"},
    {"id", "ms"},
    {"zh", "yue", "wuu", "cmn"},
    {"tl", "fil"},
    {"fa", "prs"},
    {"cs", "sk"},
    {"gl", "pt"},
    {"ca", "oc"},
    {"hi", "mr", "ne"},
)


class EntryLanguages(msgspec.Struct, frozen=True):
    """The languages of a title and of the text below it: tags of BCP 47, ``und`` where nothing shows them."""

    title: str
    text: str


def found_language(text: str) -> str:
    """The tag of the language that a text is in; empty where it is too short or too mixed to tell.

    >>> found_language("Patienten mit fortgeschrittenem Karzinom erhielten nach Versagen von Gemcitabin ein Placebo.")
    'de'
    >>> found_language("膵癌患者における化学療法の検討"), found_language("FOLFIRINOX: JCOG1106")
    ('ja', '')
    """
    script = main_script(text)
    if script is None:
        return ""
    if script.language:
        return script.language
    letters = sum(map(str.isalpha, text))
    found = _identified(text)
    bounds = _SURE if script.tag == "Latn" else _SURE_OF_OTHER_SCRIPTS
    sure = any(letters >= enough and found.probability >= least for enough, least in bounds)
    tag = _CALLED.get(found.language, found.language)
    return tag if sure and "-" not in tag and is_known(tag) else ""


def article_language(text: str, likely: str) -> str:
    """The language of an article that does not name its own: that of the issue, where its words do not show another."""
    found = found_language(text)
    return found if found and not _alike(found, likely) else likely


def entry_languages(record: Record, likely: str) -> EntryLanguages:
    """The languages in which the title and the abstract of a record are written.

    Args:
        record: the record.
        likely: the language of the issue, for which a short text needs to show less.
    """
    text = " ".join(part.text.plain for part in record.abstract)
    return languages_of(record.title.plain, text, record.language or "", likely)


@functools.lru_cache(maxsize=4096)
def languages_of(title: str, text: str, named: str, likely: str = "") -> EntryLanguages:
    """The languages in which a title and the text below it are written.

    Args:
        title: the title.
        text: the text; may be empty.
        named: the language that the record names; may be empty.
        likely: the language of the texts around it; may be empty.

    >>> text = "Patients with advanced disease were given a placebo, or the drug that was the subject of this study."
    >>> languages_of("De vrouwenbeweging online. Een onderzoek", text, "nl")
    EntryLanguages(title='nl', text='en')
    """
    read = f"{title}. {text}" if text else title
    of_text = _settled(
        text or title, found_language(text) or found_language(read) or _leaning(read, (named or likely,)), named
    )
    if not text:
        return EntryLanguages(of_text, of_text)
    return EntryLanguages(_settled(title, found_language(title) or _leaning(title, (named, of_text)), of_text), of_text)


def _settled(text: str, found: str, named: str) -> str:
    """The language of a text: what was found goes before what was named, which knows more where both are alike."""
    if found and not (named and _alike(named, found)):
        return found
    script = main_script(text)
    if named and named != UNKNOWN and (script is None or _fits(script.tag, named)):
        return named
    return UNKNOWN if script is None or script.tag == "Latn" else f"{UNKNOWN}-{script.tag}"


def _fits(script: str, tag: str) -> bool:
    """Whether a language can be written in a script, as far as the way shows in which both run."""
    return direction(f"{UNKNOWN}-{script}") == direction(tag)


def _leaning(text: str, tags: Sequence[str]) -> str:
    """Of languages that are likely, the one to which a text is nearer than to any other; empty where there is none."""
    found = _identified(text)
    tag = _CALLED.get(found.language, found.language)
    near = sum(map(str.isalpha, text)) >= _NEAR[0] and found.probability >= _NEAR[1]
    return next((one for one in tags if one and near and _alike(tag, one)), "")


def _alike(one: str, other: str) -> bool:
    pair = {one.partition("-")[0].lower(), other.partition("-")[0].lower()}
    return len(pair) == 1 or any(pair <= group for group in _ALIKE)


@functools.lru_cache(maxsize=8)
def _identified(text: str) -> Any:  # noqa: ANN401 - CLD3 has no types
    """What CLD3 says of a text: a title and an abstract are asked about several times, one after the other."""
    return _identifier().FindLanguage(text)


@functools.cache
def _identifier() -> Any:  # noqa: ANN401 - CLD3 has no types
    import gcld3

    return gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=4000)

"""Words that say an abstract was withdrawn, in six languages: before a title, after it, or in place of the text."""

from __future__ import annotations

import re
from typing import Final

from digest.sources.shared import markup
from digest.text import RichText

_GONE: Final = (
    r"(?:withdrawn|retracted|cancell?ed|zur(?:ü|ue)ckgezogen|abgesagt|retir(?:ée?|ado|ada)|annulée?|anulad[oa]|"
    r"cancelad[oa]|ritirat[oa])"
)
_THING: Final = r"(?:abstracts?|articles?|papers?|posters?|presentations?|talks?|beitrag|vortrag|resumen|résumé|resumo)"
_WHO: Final = (
    r"(?:authors?|autor(?:en|s|es|i|in)?|auteurs?|presenters?|presenting authors?|submitters?|speakers?|organi[sz]ers?|"
    r"editors?|publishers?|(?:program(?:me)? )?committee)"
)
_ASKED: Final = r"(?:request|wish|wunsch|demande|petici[óo]n|solicitud|pedido|richiesta)"
# “at the request of the author”, “by the presenter”, “at author’s request”, “auf Wunsch der Autoren”, “12 May 2014”
_SHORT_WORDS: Final = r"(?:[^\W\d_]{1,5}['’]?\s?)"
_REASON: Final = (
    rf"(?:(?:by|at|on|upon|per|following|auf|von|vom|durch|à|par|a|por|su|da|dai|dagli)\s{_SHORT_WORDS}{{0,3}}"
    rf"(?:{_WHO}(?:['’]?s?['’]?\s{_ASKED})?|{_ASKED}(?:\s{_SHORT_WORDS}{{1,3}}{_WHO})?))"
)
_ON: Final = (
    r"(?:,?\s?(?:(?:on|in|am|le|el)\s)?(?:\d{1,2}(?:st|nd|rd|th)?[./ ]\s?(?:\d{1,2}|[^\W\d_]{3,10})[./ ]\s?\d{2,4}|"
    r"[^\W\d_]{3,10}\s(?:\d{1,2},?\s)?\d{4}|\d{4}(?:-\d\d){0,2}))"
)
_GONE_WHOLE: Final = (
    rf"(?:{_THING}\s)?(?:{_REASON}\s)?{_GONE}(?:\s{_THING})?(?:[:,]?\s{_REASON})?(?:{_ON}|\s\({_ON}\))?"
)
_PASSIVE: Final = (
    rf"(?:(?:this|the|dieses?r?|der|das|ce|le|este|el|o)\s)?{_THING}\s"
    rf"(?:was|has been|is|wurde|ist|a été|ha sido|fue|foi)\s(?:{_REASON}\s)?{_GONE}\b.{{0,60}}"
)
_ACTIVE: Final = (
    rf"(?:(?:the\s)?{_WHO}\s(?:(?:have|has)\s)?(?:withdrawn|withdrew|retracted)\s(?:the|this|their)\s{_THING})"
)
_SENTENCE: Final = rf"(?:{_PASSIVE}|{_ACTIVE})"
# “Withdrawn prior to presentation”, where it says nothing else
_BECAUSE: Final = r"(?:\s(?:prior to|before|after|due to|because of|wegen|vor|pour|avant|antes)\s[^:]{1,60})"
_COUNT: Final = r"(?:(?:[A-Z]{1,5}[ -]?)?\d[\w-]{0,8}\s?[:.|–—-]?\s+)"
_GONE_BEFORE: Final = re.compile(
    rf"(?:[\[(*]{{1,3}}\s?{_GONE_WHOLE}\s?[\])*]{{1,3}}\s?[:.–—-]?|{_GONE_WHOLE}\s?(?::|\s[–—-](?=\s)|[–—]))\s*(?=\w|\W\w)",
    re.IGNORECASE,
)
_GONE_IN_CAPITALS: Final = re.compile(
    r"(?:WITHDRAWN|RETRACTED|CANCELL?ED|ZURÜCKGEZOGEN|ABGESAGT|RETIRÉ|RETIRADO|ANULADO)[.!]?\s+(?=\S)"
)
_GONE_AFTER: Final = re.compile(
    rf"(?:\s*[\[(*]{{1,3}}\s?{_GONE_WHOLE}\s?[\])*]{{1,3}}|\s[–—/-]\s{_GONE_WHOLE}|(?:\s?[(\[]|[.]\s){_SENTENCE}[)\]]?|[,.;]\s(?!cancel|abge|annul|anul){_GONE_WHOLE})\W?$",
    re.IGNORECASE,
)
_GONE_ALONE: Final = re.compile(rf"\W{{0,3}}(?:{_GONE_WHOLE}{_BECAUSE}?|{_SENTENCE})\W{{0,3}}", re.IGNORECASE)


def without_withdrawal(title: RichText) -> RichText | None:
    """The title without its ``WITHDRAWN: …`` or ``… (retracted)``; nothing where it does not say so.

    Words that are part of a title (“Cancelled operations in 2014”) do not count; a title of nothing but such words
    stays as it is. The abstract's number may precede them, and stays.
    """
    flat = title.plain
    count = re.match(_COUNT, flat)
    for begin in (0, count.end()) if count else (0,):
        if says_withdrawn(flat[begin:]):
            return title
        match = _GONE_BEFORE.match(flat, begin) or _GONE_IN_CAPITALS.match(flat, begin)
        if match and (match.re is _GONE_BEFORE or not flat[match.end() :].isupper()):
            return RichText.of((*markup.sliced(title, 0, begin), *markup.sliced(title, match.end(), len(flat))))
    if match := _GONE_AFTER.search(flat, max(0, len(flat) - 100)):
        return RichText.of(markup.sliced(title, 0, match.start()))
    return None


def says_withdrawn(text: str) -> bool:
    """Whether a text says that the abstract was withdrawn, and nothing else."""
    return len(text) <= 200 and _GONE_ALONE.fullmatch(text) is not None

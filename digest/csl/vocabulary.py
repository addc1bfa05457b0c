"""The words of CSL 1.0.2: variables, item types, locators and terms.

Taken from the schema of CSL 1.0.2 (RELAX NG, MIT) and appendices II to IV of the specification.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DATE_VARIABLES: Final = _words("accessed available-date event-date issued original-date submitted")
NAME_VARIABLES: Final = _words(
    """
    author chair collection-editor compiler composer container-author contributor curator director editor
    editor-translator editorial-director executive-producer guest host illustrator interviewer narrator organizer
    original-author performer producer recipient reviewed-author script-writer series-creator translator
    """
)
NUMBER_VARIABLES: Final = _words(
    """
    chapter-number citation-number collection-number edition first-reference-note-number issue locator number
    number-of-pages number-of-volumes page page-first part-number printing-number section supplement-number version
    volume
    """
)
STRING_VARIABLES: Final = _words(
    """
    abstract annote archive archive_collection archive_location archive-place authority call-number citation-key
    citation-label collection-title container-title container-title-short dimensions division DOI event event-title
    event-place genre ISBN ISSN jurisdiction keyword language license medium note original-publisher
    original-publisher-place original-title part-title PMCID PMID publisher publisher-place references reviewed-genre
    reviewed-title scale source status title title-short URL volume-title year-suffix
    """
)
VARIABLES: Final = DATE_VARIABLES | NAME_VARIABLES | NUMBER_VARIABLES | STRING_VARIABLES

LOCATORS: Final = _words(
    """
    act appendix article-locator book canon chapter column elocation equation figure folio issue line note opus page
    paragraph part rule scene section sub-verbo supplement table timestamp title-locator verse version volume
    """
)
TYPES: Final = _words(
    """
    article article-journal article-magazine article-newspaper bill book broadcast chapter classic collection dataset
    document entry entry-dictionary entry-encyclopedia event figure graphic hearing interview legal_case legislation
    manuscript map motion_picture musical_score pamphlet paper-conference patent performance periodical
    personal_communication post post-weblog regulation report review review-book software song speech standard thesis
    treaty webpage
    """
)
TERMS: Final = (
    NAME_VARIABLES
    | TYPES
    | LOCATORS
    | _words(
        """
        editortranslator accessed ad advance-online-publication album and anonymous at audio-recording bc bce by ce
        circa cited et-al film forthcoming from henceforth ibid in internet interview letter loc-cit no-place
        no-publisher on online op-cit original-work-published personal-communication podcast podcast-episode preprint
        radio-broadcast radio-series radio-series-episode reference retrieved review-of scale special-issue
        special-section television-broadcast television-series television-series-episode video working-paper open-quote
        close-quote open-inner-quote close-inner-quote page-range-delimiter colon comma semicolon chapter-number
        citation-number collection-number edition first-reference-note-number number number-of-pages number-of-volumes
        page-first printing ordinal
        """
    )
    | {"and others", "available at", "in press", "no date", "presented at", "sub verbo"}
    | {f"month-{number:02d}" for number in range(1, 13)}
    | {f"season-{number:02d}" for number in range(1, 5)}
    | {f"ordinal-{number:02d}" for number in range(100)}
    | {f"long-ordinal-{number:02d}" for number in range(1, 11)}
)

"""The words of CSL 1.0.2: variables, item types, terms, and what each element of a style may carry.

Taken from the schema of CSL 1.0.2 (RELAX NG, MIT) and appendices II to IV of the specification.
"""

from __future__ import annotations

from typing import Final

DATE_VARIABLES: Final = frozenset("accessed available-date event-date issued original-date submitted".split())
NAME_VARIABLES: Final = frozenset(
    """
    author chair collection-editor compiler composer container-author contributor curator director editor
    editor-translator editorial-director executive-producer guest host illustrator interviewer narrator organizer
    original-author performer producer recipient reviewed-author script-writer series-creator translator
    """.split()
)
NUMBER_VARIABLES: Final = frozenset(
    """
    chapter-number citation-number collection-number edition first-reference-note-number issue locator number
    number-of-pages number-of-volumes page page-first part-number printing-number section supplement-number version
    volume
    """.split()
)
STRING_VARIABLES: Final = frozenset(
    """
    abstract annote archive archive_collection archive_location archive-place authority call-number citation-key
    citation-label collection-title container-title container-title-short dimensions division DOI event event-title
    event-place genre ISBN ISSN jurisdiction keyword language license medium note original-publisher
    original-publisher-place original-title part-title PMCID PMID publisher publisher-place references reviewed-genre
    reviewed-title scale source status title title-short URL volume-title year-suffix
    """.split()
)
VARIABLES: Final = DATE_VARIABLES | NAME_VARIABLES | NUMBER_VARIABLES | STRING_VARIABLES
LOCATORS: Final = frozenset(
    """
    act appendix article-locator book canon chapter column elocation equation figure folio issue line note opus page
    paragraph part rule scene section sub-verbo supplement table timestamp title-locator verse version volume
    """.split()
)

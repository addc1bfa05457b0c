"""Citations: records become CSL items, articles get references, abstracts their society's form."""

from digest.cite.doubts import Doubts
from digest.cite.items import item
from digest.cite.references import Cited, Reference, Styles, how_to_cite
from digest.cite.societies import society_citation

__all__ = ["Cited", "Doubts", "Reference", "Styles", "how_to_cite", "item", "society_citation"]

"""Tables that systems for meetings export under headings of their own, by the name of the system.

Only headings that are documented are here; their sources are next to them. An organiser chooses which columns a table
has, so none of them needs to be there but that of the titles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct


class Layout(Struct, frozen=True, kw_only=True):
    """The table of a system.

    Attributes:
        fields: the field that each column holds, by its heading as headings are compared.
        numbered: headings with a number that are known under another form: a pattern, and that form.
        decision: the heading of the column that says what was accepted.
        accepted: what such a cell holds for a row that is read; each kind of row, where it is empty.
        gone: headings of columns in which any mark says that the row was taken back.
    """

    fields: Mapping[str, str]
    numbered: tuple[str, str] = ("", "")
    decision: str = ""
    accepted: re.Pattern[str] = re.compile("")
    gone: frozenset[str] = frozenset()

    def word(self, folded: str) -> str:
        """A heading in the form under which it is known."""
        pattern, form = self.numbered
        return re.sub(rf"^{pattern}$", form, folded) if pattern else folded


# EasyChair, “submission.csv” and the sheet “Submissions” of a workbook: the headings as Ulle Endriss lists them in his
# scripts for ECAI 2024, as the package easychair-extra reads them, and decisions as the scripts of ACM-BCB count them.
_EASYCHAIR: Final = Layout(
    fields={
        "number": "number",
        "title": "title",
        "authors": "authors",
        "keywords": "keywords",
        "abstract": "abstract",
        "track name": "track",
        "submitted": "ignore",
        "last updated": "ignore",
        "form fields": "ignore",
        "decision": "ignore",
        "notified": "ignore",
        "reviews sent": "ignore",
        "deleted": "ignore",
    },
    decision="decision",
    accepted=re.compile(r"accept", re.IGNORECASE),
    gone=frozenset({"deleted"}),
)
# ConfTool, export of contributions: the headings of the tables of DRS 2024, and of “authors_extended_columns” in the
# XML that ConfTool's REST interface gives for the same options.
_CONFTOOL: Final = Layout(
    fields={
        "paper id": "number",
        "title": "title",
        "authors": "authors",
        "organisations": "affiliations",
        "keywords": "keywords",
        "topics": "track",
        "presentation mode": "presentation",
        "abstract": "abstract",
        "doi": "doi",
        "withdrawn": "status",
        "acceptance": "ignore",
        **dict.fromkeys(
            (
                "submitting author",
                "sa organisation",
                "sa country",
                "sa region",
                "sa email",
                "sa email2",
                "all emails",
                "presenting author",
                "presenting author emails",
                "presenting author cv",
                "reviews assigned",
                "reviews hidden from authors",
                "reviews received",
                "score average",
                "acceptance status",
                "copyright signature",
                "copyright signed date",
                "paper external comment",
                "paper internal comment",
                "paper comment chair to author",
                "paper submitted",
                "paper last update",
            ),
            "ignore",
        ),
    },
    numbered=(r"authors formatted (\d{1,3}) (name|organisation)", r"author \1 \2"),
    decision="acceptance",
    accepted=re.compile(r"(?!reject|not accepted|declin|withdraw|abgelehnt|zur(?:ü|ue)ckgezogen)", re.IGNORECASE),
)
LAYOUTS: Final[Mapping[str, Layout]] = {"easychair": _EASYCHAIR, "conftool": _CONFTOOL}

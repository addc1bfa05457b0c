"""Journals: which abbreviation is printed, and what of a catalogue's title."""

from __future__ import annotations

import pytest

from digest.sources.shared.draft import journal_names

NAMES = [
    # What publishers put into the field for the abbreviation gives way to NLM's, by the title.
    ("Journal of Clinical Oncology", "JCO", "Journal of Clinical Oncology", "J Clin Oncol"),
    ("The FASEB Journal", "FASEB j.", "The FASEB Journal", "FASEB J"),
    ("Medical Physics", "Medical Physics", "Medical Physics", "Med Phys"),
    ("Annals of Oncology", "Ann. Oncol.", "Annals of Oncology", "Ann Oncol"),
    ("Clinical Cancer Research", "", "Clinical Cancer Research", "Clin Cancer Res"),
    # A title that another journal has too keeps the abbreviation that distinguishes them.
    ("Journal of Physiology", "J Physiol (Lond)", "Journal of Physiology", "J Physiol (Lond)"),
    ("Journal of Marsh Studies", "J. Marsh Stud.", "Journal of Marsh Studies", "J. Marsh Stud."),
    ("Geese", "7", "Geese", ""),
    # Catalogues' additions are not part of the title.
    ("Hepatology (Baltimore, Md.)", "", "Hepatology", "Hepatology"),
    ("Lancet (London, England)", "Lancet", "Lancet", "Lancet"),
    ("BMJ (Clinical research ed.)", "", "BMJ", "BMJ"),
    ("Arthritis & rheumatology (Hoboken, N.J. : 2014)", "", "Arthritis & rheumatology", "Arthritis Rheumatol"),
    ("Annals of oncology : official journal of the Society", "", "Annals of oncology", "Ann Oncol"),
    ("Revista de gansos = Journal of geese", "", "Revista de gansos", ""),
    ("Marsh studies / edited by the Goose Society", "", "Marsh studies", ""),
    ("Proceedings / Goose Society", "", "Proceedings / Goose Society", ""),
    ("JOP : Journal of the pancreas", "JOP", "JOP : Journal of the pancreas", "JOP"),
    ("Physics (Applied)", "", "Physics (Applied)", ""),
    # Of an abbreviation alone.
    ("", "Pancreatology", "Pancreatology", "Pancreatology"),
    ("", "Ann. Oncol.", "Annals of Oncology", "Ann Oncol"),
    ("", "J Marsh Stud", "", "J Marsh Stud"),
]


@pytest.mark.parametrize(("title", "short", "full", "abbreviated"), NAMES)
def test_names(title: str, short: str, full: str, abbreviated: str) -> None:
    """NLM's abbreviation wins where it knows the title; the title loses what cataloguers added."""
    assert journal_names(title, short) == (full, abbreviated)

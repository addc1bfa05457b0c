"""PubMed XML compared with other readers: ``python -m bench.pubmed [--records N] [--rounds N] [--peer NAME]``.

A file such as NLM's yearly ones is made, with invented records of the usual size. Each reader is a process of its own
that reads it once and counts the records: digest makes whole records of them with all checks, pubmed_parser (from PyPI)
dictionaries, biopython's ``Entrez.read`` lists of dictionaries, which it does for all of the file at once. What counts
is the CPU time of the process, its start included, and its greatest resident set. A reader that is not installed is
left out, and said so.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

RUN_DIGEST = """
import sys
from pathlib import Path
from digest.sources import Page, Parsed, parse
print(sum(isinstance(outcome, Parsed) for outcome in parse(Page(Path(sys.argv[1]), sys.argv[1]))))
"""
RUN_PUBMED_PARSER = """
import sys
import pubmed_parser
print(sum(1 for _ in pubmed_parser.parse_medline_xml(sys.argv[1])))
"""
RUN_BIOPYTHON = """
import gzip, sys
from Bio import Entrez
with gzip.open(sys.argv[1]) as file:
    print(len(Entrez.read(file)["PubmedArticle"]))
"""
PEERS = {
    "digest": ("digest", RUN_DIGEST),
    "pubmed_parser": ("pubmed_parser", RUN_PUBMED_PARSER),
    "biopython": ("Bio", RUN_BIOPYTHON),
}
DOCTYPE = (
    '<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"'
    ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">'
)
WORDS = (
    "patients",
    "treatment",
    "survival",
    "phase",
    "trial",
    "randomized",
    "median",
    "overall",
    "response",
    "months",
    "pancreatic",
    "adenocarcinoma",
    "gemcitabine",
    "with",
    "and",
    "of",
    "the",
    "in",
    "were",
    "versus",
    "(p<.001)",
    "progression-free",
    "metastatic",
    "5-fluorouracil",
    "toxicity",
    "95% CI",
    "hazard",
    "ratio",
    "&",
    "cohort",
)
FAMILIES = ("Saif", "García-López", "O'Reilly", "van der Berg", "Müller", "Nguyen", "Kim", "Okafor", "Löfberg", "Chen")
GIVEN = ("Muhammad Wasif", "Anna-Maria", "Eileen M", "Wei", "Jan", "Ngozi", "Carlos", "Pirkko-Liisa", "Thomas R")
LABELS = ("BACKGROUND", "METHODS", "RESULTS", "CONCLUSIONS")
HEADINGS = ("Embolization, Therapeutic", "Humans", "Pancreatic Neoplasms", "Adult", "Aged, 80 and over", "Male")


def write(path: Path, count: int) -> None:
    """Writes a set of so many invented records, the same ones each time."""
    chance = random.Random(24857584)  # noqa: S311 - the same records each time

    def text(length: int) -> str:
        return escape(" ".join(chance.choices(WORDS, k=length)).capitalize()) + "."

    def record(n: int) -> str:
        authors = "".join(
            f'<Author ValidYN="Y"><LastName>{chance.choice(FAMILIES)}</LastName>'
            f"<ForeName>{chance.choice(GIVEN)}</ForeName>"
            f"<Initials>A</Initials><AffiliationInfo><Affiliation>Department {chance.randint(1, 4)}, University of "
            f"{chance.choice(FAMILIES)}, Chicago, IL, USA.</Affiliation></AffiliationInfo></Author>"
            for _ in range(chance.randint(2, 12))
        )
        abstract = (
            "".join(
                f'<AbstractText Label="{label}" NlmCategory="{label}">{text(45)}</AbstractText>' for label in LABELS
            )
            if n % 2
            else f"<AbstractText>{text(90)} CO<sub>2</sub> {text(90)}</AbstractText>"
        )
        headings = "".join(
            f'<MeshHeading><DescriptorName UI="D{n:06d}" MajorTopicYN="N">{heading}</DescriptorName>'
            '<QualifierName UI="Q000628" MajorTopicYN="N">therapy</QualifierName></MeshHeading>'
            for heading in HEADINGS
        )
        references = "".join(
            f"<Reference><Citation>J Clin Oncol. 2012;30:{chance.randint(1, 4000)}-9</Citation><ArticleIdList>"
            f'<ArticleId IdType="pubmed">{chance.randint(1, 30_000_000)}</ArticleId></ArticleIdList></Reference>'
            for _ in range(n % 4 * 10)
        )
        pmid = 20_000_000 + n
        return (
            f'<PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>'
            "<DateRevised><Year>2020</Year><Month>01</Month><Day>02</Day></DateRevised>"
            '<Article PubModel="Print-Electronic"><Journal><ISSN IssnType="Electronic">1527-7755</ISSN>'
            f'<JournalIssue CitedMedium="Internet"><Volume>{20 + n % 20}</Volume><Issue>{1 + n % 36}</Issue><PubDate>'
            f"<Year>{2000 + n % 20}</Year><Month>May</Month><Day>{1 + n % 28}</Day></PubDate></JournalIssue>"
            "<Title>Journal of clinical oncology : official journal of the American Society of Clinical Oncology"
            "</Title><ISOAbbreviation>J Clin Oncol</ISOAbbreviation></Journal>"
            f"<ArticleTitle>{text(14)}</ArticleTitle><Pagination><MedlinePgn>{n}-{n % 10}</MedlinePgn></Pagination>"
            f'<ELocationID EIdType="doi" ValidYN="Y">10.1000/JCO.{n}</ELocationID>'
            f'<Abstract>{abstract}</Abstract><AuthorList CompleteYN="Y">{authors}</AuthorList><Language>eng</Language>'
            '<PublicationTypeList><PublicationType UI="D016428">Journal Article</PublicationType></PublicationTypeList>'
            "</Article><MedlineJournalInfo><Country>United States</Country><MedlineTA>J Clin Oncol</MedlineTA>"
            "<NlmUniqueID>8309333</NlmUniqueID><ISSNLinking>0732-183X</ISSNLinking></MedlineJournalInfo>"
            f"<MeshHeadingList>{headings}</MeshHeadingList></MedlineCitation><PubmedData><History>"
            '<PubMedPubDate PubStatus="pubmed"><Year>2014</Year><Month>7</Month><Day>5</Day></PubMedPubDate></History>'
            f'<PublicationStatus>ppublish</PublicationStatus><ArticleIdList><ArticleId IdType="pubmed">{pmid}'
            f'</ArticleId><ArticleId IdType="pmc">PMC{n + 1}</ArticleId><ArticleId IdType="doi">10.1000/JCO.{n}'
            f"</ArticleId></ArticleIdList><ReferenceList>{references}</ReferenceList></PubmedData></PubmedArticle>\n"
        )

    with gzip.open(path, "wt", compresslevel=6, encoding="utf-8") as file:
        file.write(f'<?xml version="1.0" encoding="utf-8"?>\n{DOCTYPE}\n<PubmedArticleSet>\n')
        for n in range(count):
            file.write(record(n))
        file.write("</PubmedArticleSet>\n")


def run(program: str, path: Path) -> tuple[int, float, float]:
    """Records that a reader counted, its CPU seconds and its peak in MiB."""
    measure = (
        "import resource, sys\nexec(sys.argv.pop(1))\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\nprint(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    figures = subprocess.check_output([sys.executable, "-c", measure, program, str(path)], text=True).split()
    return int(figures[0]), float(figures[1]), float(figures[2])


def main() -> None:
    """Prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--peer", choices=PEERS, action="append")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "pubmed.xml.gz"
        write(path, options.records)
        print(f"{options.records:,} records, {path.stat().st_size / 2**20:.0f} MiB packed\n")
        print("| who | records | CPU, s | records/s | peak, MiB | times digest |\n" + "| --- |" + " ---: |" * 5)
        ours = 0.0
        for peer, (module, program) in PEERS.items():
            if options.peer and peer not in options.peer:
                continue
            if importlib.util.find_spec(module) is None:
                print(f"| {peer} | not installed | | | | |")
                continue
            rounds = [run(program, path) for _ in range(options.rounds)]
            seconds, peak = (statistics.median(values) for values in list(zip(*rounds, strict=True))[1:])
            ours = ours or seconds
            print(
                f"| {peer} | {rounds[0][0]} | {seconds:.1f} | {options.records / seconds:.0f} | {peak:.0f} |"
                f" {seconds / ours:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()

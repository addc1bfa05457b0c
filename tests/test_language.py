"""The words of the project: messages, help, names and documents are plain, idiomatic English."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# A word or phrase that is a translation rather than English, and what to write instead. A line that needs the word in
# another sense is in `MEANT`.
INSTEAD: Final = {
    r"(?<![a-z])_?(?:told|tells|telling)(?![a-z])": "reported, says, knows; a noun for what a function returns",
    r"\bstands?\b|\bstanding\b|\bstood\b": "is, appears, is in, comes",
    r"\banew\b": "again, from the start",
    r"\b(?:un)?mend(?:s|ed|ing)?\b": "fix, repair",
    r"(?<![Tt]here )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|better\b|matter\b|one\b|doubt\b|need\b|way\b)": "is not a",
    r"(?<!left )(?<!nothing )(?<!process )(?<!file )\bbehind\b(?! a link\b| in APA\b)": "after, later; or hidden by",
    r"\bbeside\b": "next to, alongside, as well as",
    r"\bheed(?:s|ed)?\b|\bhearken\w*|\baloud\b": "follows, respects; visibly",
    r"\bcannot bear\b|\bin the manner of\b|\bto the letter\b|\bof its own kind\b": "cannot handle; in the style of; exactly",
    r"\bwhere from\b|\bis to come\b|\bit is said\b": "the source; goes; a message says so",
}
CHECKED: Final = (".py", ".md", ".yaml", ".html", ".css", ".toml", ".js", ".txt")
# Path, and the words on the line that are meant there: quotations, data, another sense of the word.
MEANT: Final[tuple[tuple[str, str], ...]] = (
    ("docs/sources.md", "`list-anew`"),  # a code, which stays the same in every release
    ("digest/sources/network/harvest.py", "list-anew"),  # the same
    ("tests/sources/test_harvest.py", "list-anew"),  # the same
    ("digest/csl/textcase.py", "barring before behind below beneath beside"),  # English prepositions, as data
    ("digest/cli/themes.py", '"behind":'),  # a key of JSON, which stays the same in every release
    ("tests/test_themes_cli.py", 'notice["behind"]'),  # the same
    ("bench/noticing.py", "have left behind"),  # what a process leaves
    ("tests/test_mail.py", "Read it beside Abstract"),  # a text of the sample
)
DATA: Final = (
    "tests/golden/",
    "seeds/",
    "tests/browser/",
    "bench/peers/",
    "digest/cite/styles/",
    "docs/pictures/",
    "templates/highlights/fonts/OFL.txt",
)


def files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [n for n in listed.stdout.splitlines() if n.endswith(CHECKED) and "/vendor/" not in n]
    return [
        ROOT / n for n in names if not n.startswith(DATA) and n != "tests/test_language.py" and (ROOT / n).is_file()
    ]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_plain_english(path: Path) -> None:
    """No line of program, tests or documents has a word of the list above."""
    name = path.relative_to(ROOT).as_posix()
    found = [
        f"{name}:{number}: “{match.group().strip()}”: write {instead}: {line.strip()}"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for pattern, instead in INSTEAD.items()
        for match in re.finditer(pattern, line)
        if not any(name == where and words in line for where, words in MEANT)
    ]
    assert not found, "\n".join(found)

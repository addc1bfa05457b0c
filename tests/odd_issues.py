"""Publications for tests of what themes make of odd contents: what is too wide, and issues that lack what others have."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any, Final

from digest import strict
from tests.conftest import ISSUE, SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LETTERS: Final = "Pneumonoultramicroscopicsilicovolcanoconiosisandhepaticocholangiocholecystenterosto"
DOI: Final = "10.1016/s0140-6736(14)60845-x.supplementary-material-of-the-second-extension-cohort.v17"
_FORMULA: Final = (
    r"HR = \frac{a_1 + a_2 + a_3 + a_4 + a_5 + a_6 + a_7 + a_8}{b_1 + b_2 + b_3 + b_4 + b_5 + b_6 + b_7 + b_8}"
    r" \times \sqrt{x_1^2 + x_2^2 + x_3^2 + x_4^2 + x_5^2 + x_6^2}"
)
_COLUMNS: Final = 14
WIDE: Final = "\n".join(
    [
        "Table: Fourteen columns",
        "",
        *(
            f"| {' | '.join(cells)} |"
            for cells in (
                [f"Heading{n}" for n in range(_COLUMNS)],
                ["---"] * _COLUMNS,
                [f"{n}.123±{n}.456" for n in range(_COLUMNS)],
            )
        ),
        "",
        "```",
        "digest build issues/2014-07-28 --theme highlights --to html,pdf --some-option-that-does-not-end=" + LETTERS,
        "```",
        "",
        f"$${_FORMULA}$$",
        "",
        f"In a line ${_FORMULA}$, {LETTERS} and https://doi.org/{DOI}.",
    ]
)


def changed(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """A YAML file after a change of what it holds."""
    data, _ = strict.as_texts(path.read_text(encoding="utf-8"), path.name)
    change(data)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")


def wide(folder: Path) -> Path:
    """The sample, changed so that nothing in it is narrow: words, tables, code, formulas, numbers and pictures."""
    journal = shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("_build"))
    issue = journal / ISSUE

    def entries(data: dict[str, Any]) -> None:
        data["title"] = f"Highlights {LETTERS}"
        data["meeting"]["place"] = LETTERS
        section = data["sections"][-1]
        section.update(title=LETTERS, intro=f"Of {LETTERS}, see https://doi.org/{DOI}.")
        section["entries"][0].update(why=LETTERS, comment=WIDE, flag=LETTERS[:40])

    def record(data: dict[str, Any]) -> None:
        data["title"] = LETTERS
        data["number"] = "LBA" + "4" * 20
        data["authors"] = [{"literal": LETTERS, "affiliations": ["1"]}]
        data["affiliations"] = [LETTERS]
        data["ids"] = {"doi": DOI}

    changed(issue / "issue.yaml", entries)
    changed(issue / "records" / "e310.yaml", record)
    article = issue / "articles" / "cachexia.md"
    text = article.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^summary: >-\n", f"summary: >-\n  {LETTERS}\n", text, count=1)
    article.write_text(f"{text.rstrip()}\n\n{WIDE}\n", encoding="utf-8")
    return issue


def _plain(issue: dict[str, Any]) -> None:
    """Nothing but a title, a date and sections."""
    for key in ("meeting", "cover", "volume", "number", "permissions", "colophon"):
        issue.pop(key, None)


def _entries(*chosen: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    def change(issue: dict[str, Any]) -> None:
        issue["sections"] = [{"title": "Neuroendocrine Tumors", "entries": list(chosen)}]

    return change


def _short(issue: dict[str, Any]) -> None:
    issue["sections"] = issue["sections"][-1:]


def _without_meeting(issue: dict[str, Any]) -> None:
    _short(issue)
    del issue["meeting"]


def _without_picture(issue: dict[str, Any]) -> None:
    _short(issue)
    del issue["cover"]


def _long_title(issue: dict[str, Any]) -> None:
    _short(issue)
    issue["title"] = (
        "Highlights of What Was Reported on Neuroendocrine Tumors, Pancreatic Adenocarcinoma, Cachexia, Imaging and "
        "Supportive Care, with Comments of the Editors and of Those Who Were There, and with a Title of Its Own"
    )


def _bare_record(issue: dict[str, Any]) -> None:
    _plain(issue)
    _entries({"record": "bare"})(issue)


_NOTICE: Final = {"notice": {"kind": "update", "title": "A meeting is moved", "text": "It is in June."}}
_NOTICES: Final = ({"notice": {"kind": "erratum", "title": "A number was wrong", "text": "It is 83."}}, _NOTICE)
_ARTICLE: Final = {"article": "cachexia"}


def _bare_notice(issue: dict[str, Any]) -> None:
    _plain(issue)
    _entries(_NOTICE)(issue)


# Issues that lack what others have: how each is made of the sample, and the options of its theme.
LACKING: Final[dict[str, tuple[Callable[[dict[str, Any]], None], dict[str, bool]]]] = {
    "no meeting": (_without_meeting, {}),
    "no picture": (_without_picture, {}),
    "no cover": (_without_picture, {"cover": False}),
    "no cover, no contents": (_without_picture, {"cover": False, "contents": False}),
    "no contents": (_short, {"contents": False}),
    "one entry": (_entries({"record": "101", "why": "It is the only one."}), {}),
    "one entry, nothing else": (_bare_record, {"cover": False, "contents": False, "indexes": False, "colophon": False}),
    "a title and a section": (_bare_record, {}),
    "only notices": (_entries(*_NOTICES), {}),
    "only notices, nothing else": (
        _bare_notice,
        {"cover": False, "contents": False, "indexes": False, "colophon": False},
    ),
    "only articles": (_entries(_ARTICLE), {}),
    "a long title": (_long_title, {}),
}


def lacking(folder: Path, name: str) -> Path:
    """The sample without what an issue of `LACKING` lacks."""
    change, options = LACKING[name]
    journal = shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("_build"))
    issue = journal / ISSUE
    changed(issue / "issue.yaml", change)
    bare = "type: meeting-abstract\ntitle: An abstract of which only the title is known\nissued: 2014-06\n"
    (issue / "records" / "bare.yaml").write_text(bare, encoding="utf-8")
    settings = "title: Notes\nlanguage: en\n" if change is _bare_record or "nothing" in name else ""
    file = journal / "digest.yaml"
    file.write_text(
        f"{settings or file.read_text(encoding='utf-8')}\ntheme_options: {json.dumps(options)}\n", encoding="utf-8"
    )
    return issue

"""The README in a zip for OJS: what to click, and what has surprised people who import issues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from digest.outputs.handoff import title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from digest.project import Issue
    from digest.publication import Ojs

_TEXT: Final = """\
{title}
{line}

import.xml has this issue for Open Journal Systems {version}: {count}, with their PDFs, and the PDF of the
whole issue. It is not for other versions of OJS.

BEFORE

1. Try it in a test journal first. What is imported is published: readers see it at once. There is no undo; you would
   have to delete each article.
2. The journal must have a role “{user_group}” (Users & Roles > Roles) and a type of file “{genre}” (Settings >
   Workflow > Submission > Components), by exactly these names. If yours are called otherwise, as in a journal in
   another language, write the names into digest.yaml (ojs: user_group, genre) and make this zip again.
3. The journal must have the language {locale} (Settings > Website > Setup > Languages).
4. Sections are known by title and abbreviation together. Where the journal has a section of which one of the two
   differs, OJS warns, and may put articles elsewhere. Those in this file:
{sections}
5. Where DOIs are given, choose in the settings for DOIs that articles have them, or they are not shown.

IMPORT

1. Log in as a journal manager.
2. Tools > Import/Export > Native XML Plugin > Import.
3. Unpack this zip, upload import.xml, and click Import. Wait for the list of what was imported.
4. If the file is too large for the web server ({size}), or the server runs out of time or memory, let
   somebody with access to it run, in the folder of OJS:
   php -d memory_limit=2G tools/importExport.php NativeImportExportPlugin import import.xml JOURNAL USER
   JOURNAL is the path of the journal in its address, USER the name of a journal manager.

AFTER

1. Look at the page of the issue, not only at the message: OJS reports success even where files were lost. Open the PDF
   of the issue and of some articles.{galleys}
2. Do not import the same issue twice. OJS keeps the issue that it has, and adds all articles a second time.
3. The issue is not made the current one. Do that in Issues > Back Issues.
4. An author without an e-mail address can be shown, but not edited until one is given.
5. OJS has no kinds of item: abstracts and editorials are articles of their sections.
"""
_LOST: Final = """
   Before 3.3.0-22 OJS loses the PDF of the issue and does not say so: upload issue.pdf in Issues > Issue Galleys."""


def text(issue: Issue, ojs: Ojs, locale: str, sections: Sequence[tuple[str, str]], count: int, size: int) -> str:
    """The README.

    Args:
        issue: the issue.
        ojs: the journal's installation.
        locale: the language of the journal there.
        sections: title and abbreviation of each section in the file.
        count: how many items are in it.
        size: how large it is, in bytes.
    """
    title = title_of(issue)
    return _TEXT.format(
        title=title,
        line="=" * len(title),
        version=ojs.version,
        count="1 article" if count == 1 else f"{count} articles",
        user_group=ojs.user_group,
        genre=ojs.genre,
        locale=locale,
        sections="\n".join(f"   * {name} ({short})" for name, short in sections) or "   (none)",
        size=f"{-(-size // 1_000_000)} MB",
        galleys=_LOST if ojs.version == "3.3" else "",
    )

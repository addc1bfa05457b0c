"""The editors' texts of one issue become HTML, with their citations; what is wrong in them gathers as problems."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

import msgspec
from markupsafe import Markup

from digest import prose, typed
from digest.cite import Doubts
from digest.errors import Problem
from digest.manuscripts import Manuscripts
from digest.render.words import marks_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from digest.cite import Reference, Styles
    from digest.model import Record
    from digest.project import Issue
    from digest.render.words import Words
    from digest.text import RichText
    from digest.typed import Marks


class Texts:
    """The texts of one issue.

    Attributes:
        problems: what was wrong in the texts so far.
        doubts: forms and facts of citations that nobody has seen in print.
        sources: what may be cited, by key.
    """

    def __init__(self, issue: Issue, styles: Styles, mentions: Mapping[str, str], words: Words) -> None:
        """Nothing is read yet.

        Args:
            issue: the issue.
            styles: the citation styles.
            mentions: addresses of the abstracts that “#number” may point to, by number.
            words: what a table is called for those who do not see it, and marks of the language.
        """
        self.issue, self.styles, self._mentions, self._words = issue, styles, mentions, words
        self.sources: Mapping[str, Record] = {**issue.references, **issue.records}
        own = {one.file: marks_of(one.head.language) for one in issue.articles.values() if one.head.language}
        self._marks: Mapping[str, Marks] = dict.fromkeys(issue.reads, words.marks) | own
        self.manuscripts = Manuscripts(issue, self.sources, self._marks)
        self.problems = self.manuscripts.problems
        self.doubts = Doubts()

    def plain(self, text: str, file: str, *path: str | int) -> Markup:
        """A text for a place without a list of references."""
        parsed = self.manuscripts.uncited(text, file, *path)
        if parsed.citations:
            return Markup()
        return self.block(parsed, (), "-".join(map(str, (PurePath(file).stem, *path))))

    def title(self, text: str, file: str) -> str:
        """A title or the like, with quotes and dashes as the language of the file prints them."""
        return typed.printed([text], self._marks[file])[0]

    def rich_title(self, text: RichText, file: str) -> RichText:
        """The same for rich text."""
        return text.retyped(lambda pieces: typed.printed(pieces, self._marks[file]))

    def inline(self, text: prose.Prose, citations: Sequence[Markup]) -> Markup:
        """A text of one paragraph as HTML."""
        return Markup() if text.broken else prose.render_inline(text, citations=citations, mentions=self._mentions)

    def block(self, text: prose.Prose, citations: Sequence[Markup], anchor: str) -> Markup:
        """A text as HTML; `anchor` begins the ids in it."""
        return Markup() if text.broken else self._block(text, citations, anchor)

    def body(
        self, text: prose.Prose, citations: Sequence[Markup], anchor: str, figures: Mapping[str, Markup]
    ) -> Markup:
        """The text of an article as HTML, with its figures; notes may go to the foot of the page."""
        return self._block(text, citations, anchor, figures, notes_at_foot=True)

    def _block(
        self,
        text: prose.Prose,
        citations: Sequence[Markup],
        anchor: str,
        figures: Mapping[str, Markup] | None = None,
        *,
        notes_at_foot: bool = False,
    ) -> Markup:
        return prose.render(
            text,
            citations=citations,
            figures=figures,
            mentions=self._mentions,
            prefix=f"{anchor}-h-",
            level=4,
            table=self._words["table"],
            continued=self._words["continued"] if "continued" in self._words else "",  # noqa: SIM401 - no mapping
            notes_at_foot=notes_at_foot,
        )

    def cited(
        self, texts: Sequence[prose.Prose], anchor: str, file: str
    ) -> tuple[list[tuple[Markup, ...]], tuple[Reference, ...]]:
        """For each text what its citations print, and the references of all of them."""
        citations = [citation for text in texts for citation in text.citations]
        if any(cite.key not in self.sources for citation in citations for cite in citation.cites):
            return [tuple(Markup() for _ in text.citations) for text in texts], ()
        publication = self.issue.publication
        done = self.styles.cite(
            publication.style, citations, self.sources, language=publication.language, anchor=f"{anchor}-ref-"
        )
        style = self.styles.find(publication.style) if citations else None
        for citation in self._without_place(citations, done.citations):
            cite = next(cite for cite in citation.cites if cite.locator)
            message = (
                f"the citation style “{publication.style}” has no place for “{cite.label} {cite.locator}” of "
                f"@{cite.key}, which is not printed; write it into the sentence"
            )
            self.problems.append(
                Problem(level="warning", code="citation-place", message=message, file=file, line=citation.line)
            )
        for citation in citations:
            for key in (cite.key for cite in citation.cites):
                form = style.form if style and style.ours else None
                self.doubts.add(self.sources[key], form, key, file, citation.line)
        shares, at = [], 0
        for text in texts:
            shares.append(done.citations[at : at + len(text.citations)])
            at += len(text.citations)
        return shares, done.references

    def _without_place(
        self, citations: Sequence[prose.Citation], printed: Sequence[Markup]
    ) -> Iterator[prose.Citation]:
        """The citations with a page or the like that are printed alike without it."""
        if not any(cite.locator for citation in citations for cite in citation.cites):
            return
        replace = msgspec.structs.replace
        bare = [
            replace(one, cites=tuple(replace(cite, locator="", label="") for cite in one.cites)) for one in citations
        ]
        language = self.issue.publication.language
        done = self.styles.cite(self.issue.publication.style, bare, self.sources, language=language, anchor="bare-")
        tags = re.compile(r"<[^<>]*>")
        for citation, with_it, without in zip(citations, printed, done.citations, strict=True):
            if any(cite.locator for cite in citation.cites) and tags.sub("", with_it) == tags.sub("", without):
                yield citation

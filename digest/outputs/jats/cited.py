"""Marks in texts whose citation style links nothing, such as “(Kuo 2014)”: which references the words mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from digest.cite import Styles
from digest.render.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from digest.project import Issue
    from digest.prose import Prose
    from digest.render.context import ArticleEntry, DigestEntry
    from digest.render.words import Words

CITED = "data-cited"
"""The attribute of a mark: ids of HTML with blanks between them."""


class Marker:
    """Marks the citations of an issue. The texts are formatted once more, as they were for the pages."""

    def __init__(self, issue: Issue, words: Words) -> None:
        """Nothing is read yet."""
        self._issue = issue
        self._texts = Texts(issue, Styles(issue.root), {}, words)

    def article(self, entry: ArticleEntry, key: str) -> tuple[Markup, Markup]:
        """The summary and the text of an article, with marks where citations lead nowhere."""
        article = self._issue.articles[key]
        summary, body, captions = self._texts.manuscripts.of_article(article)
        proses = [summary, body, *captions.values()]
        marked = list(self._marked(entry.id, article.file, proses, [entry.summary, entry.body]))
        return marked[0], marked[1]

    def abstract(self, entry: DigestEntry) -> tuple[Markup, Markup]:
        """The reason for an abstract and the comment on it, with such marks."""
        for s, section in enumerate(self._issue.head.sections):
            for e, typed in enumerate(section.entries):
                if typed.record and entry.id == f"abstract-{typed.record}":
                    proses = [*self._texts.manuscripts.of_entry(typed, s, e)]
                    file = self._issue.shown("issue.yaml")
                    marked = list(self._marked(entry.id, file, proses, [entry.why, entry.comment]))
                    return marked[0], marked[1]
        return entry.why, entry.comment

    def _marked(self, anchor: str, file: str, proses: Sequence[Prose], shown: Sequence[Markup]) -> Iterator[Markup]:
        shares, _ = self._texts.cited(proses, anchor, file)
        for text, prose, printed in zip(shown, proses, shares, strict=False):
            out, at = [], 0
            for citation, words in zip(prose.citations, printed, strict=True):
                begin = text.find(str(words), at)
                if begin < 0 or not words or "<a " in words:
                    continue
                names = escape(" ".join(f"{anchor}-ref-{cite.key}" for cite in citation.cites))
                out += [text[at:begin], Markup(f'<span {CITED}="{names}">{words}</span>')]  # noqa: S704 - both are escaped
                at = begin + len(words)
            yield Markup("").join([*map(Markup, out), Markup(text[at:])])  # noqa: S704 - parts of the text itself

"""The Markdown of articles and comments: parsed once into citations, figures and headings, then written as HTML.

CommonMark with tables, and what pandoc and GitHub added to it: footnotes, formulas, task lists, lists of definitions,
``~~gone~~``, ``H~2~O``, ``x^2^``, bare addresses. Five things are our own:

* ``[@key]``, ``[@a; @b]``, ``[see @a, p. 3]``, ``[-@a]`` cite (the notation of pandoc);
* ``<i> <b> <sub> <sup> <sc>`` mark up text as in titles; all other HTML is reported as a mistake;
* a paragraph ``![](key)`` places the figure that the front matter declares under this key;
* a paragraph ``Table: Caption`` comes before the table that it describes, ``Note: …`` after it;
* lines from ``::: quote``, ``::: box Title`` or ``::: aside`` to ``:::`` are a pull quote, a box, a side note.

Quotes, apostrophes, dashes and minus are printed as the language of the text has them (`digest.typed`); not in code,
and not where a backslash precedes them.

A notation that is not supported is reported with its line: it would be printed as it was typed.
"""

from digest.prose.foreign import found_in_plain as notations_in_plain
from digest.prose.reading import Citation, Prose, declaration, is_one_paragraph, odd_keys, parse
from digest.prose.syntax import Cite
from digest.prose.writing import render, render_inline

__all__ = [
    "Citation",
    "Cite",
    "Prose",
    "declaration",
    "is_one_paragraph",
    "notations_in_plain",
    "odd_keys",
    "parse",
    "render",
    "render_inline",
]

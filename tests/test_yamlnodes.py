"""YAML is read by two libraries: what the fast one reads is what the other one reads, line by line."""

from __future__ import annotations

import random
from typing import Any, Final

import pytest

from digest import yamlnodes
from tests.conftest import ROOT

FILES: Final = sorted(
    path
    for folder in ("seeds", "templates", "digest", "tests/cases", "tests/sources/seeds")
    for path in (ROOT / folder).rglob("*.yaml")
)
_BITS: Final = (
    ": |- |\n|\n  |\n- | #|#|'|\"|>|[|]|{|}|,|?|? |~|null|\\|=|é|\u2003|x: |  |\n\n|key:\n|'a''b'|\"\\n\"|\"\\u00e9\"|[a, b]|{a: b}|a:b|"
    "- - |\t|&a |*a|!x |%|@|`|...\n|---\n|\u2028|\x85|\ufeff|<<: |:|-|0x1f|2014-07-28|yes|[[a]]|{a: [b, {c: d}]}|: >-\n|&lt; |\n  &gt;5|&amp;|&lt"
).split("|")
BITS: Final = [*_BITS, *["|", "|-\n", "|+2\n"]]


def tree(node: Any) -> Any:  # noqa: ANN401 - a node of either library
    """What the program reads of a node."""
    if node is None:
        return None
    if node.id == "scalar":
        plain = not node.style
        if plain and node.tag == yamlnodes.NULL:
            return "nothing"  # its place is not asked for
        end = (node.end_mark.line, node.end_mark.column) if plain else ()
        return node.value, node.style or "", node.start_mark.line, end
    inside = node.value if node.id == "sequence" else [one for pair in node.value for one in pair]
    return node.id, node.start_mark.line, [tree(one) for one in inside]


def other(text: str) -> Any:  # noqa: ANN401 - a tree
    """The tree of ruamel.yaml, or what it says is wrong."""
    try:
        return tree(yamlnodes.by_ruamel(text))
    except yamlnodes.NotYaml as error:
        return str(error)


def test_files_of_the_project_are_read_fast() -> None:
    """Libyaml is there, and reads nearly every file of the project, as ruamel.yaml does."""
    texts = [text for path in FILES if len(text := path.read_text(encoding="utf-8")) < 20_000]
    fast = [(text, node) for text in texts if (node := yamlnodes.by_libyaml(text)) is not None]
    assert len(fast) > 0.9 * len(texts)
    for text, node in fast:
        assert tree(node) == other(text), text


@pytest.mark.parametrize("seed", range(4))
def test_changed_files_are_read_alike(seed: int) -> None:
    """Pieces of files with odd pieces put in, taken out or moved: what libyaml takes is what ruamel.yaml reads."""
    chance = random.Random(seed)  # noqa: S311 - the same cases each time
    texts = [text for path in FILES if len(text := path.read_text(encoding="utf-8")) < 4_000]
    taken = 0
    for _ in range(400):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        text = text[start : start + chance.randrange(20, 400)]
        for _ in range(chance.randrange(1, 5)):
            at, kind = chance.randrange(len(text) + 1), chance.random()
            if kind < 0.5:
                text = text[:at] + chance.choice(BITS) + text[at:]
            elif kind < 0.8:
                text = text[:at] + text[at + chance.randrange(1, 12) :]
            else:
                start = chance.randrange(len(text) + 1)
                text = text[:at] + text[start : start + chance.randrange(1, 40)] + text[at:]
        if (node := yamlnodes.by_libyaml(text)) is not None:
            taken += 1
            assert tree(node) == other(text), text
    assert taken > 50


def test_references_to_characters_begin_lines() -> None:
    """Where a line of a longer text begins with `&lt;`, as three of four abstracts have one, it is read fast."""
    for reference in ("&lt;", "&gt;", "&amp;"):
        text = f"a: >-\n  p\n  {reference} 0.05\nb: one\n  {reference} two\nc:\n  - |-\n    {reference}1\n"
        assert (node := yamlnodes.by_libyaml(text)) is not None
        assert tree(node) == other(text)


@pytest.mark.parametrize(
    "text",
    [
        "&lt; a\n",
        "- &gt;\n",
        "a: &lt; b\n",
        "a:\n  &amp; b\n",
        "[a, &lt;]",
        "a: >-\n  p\n  &x 0.05\n",
        "text: >-\n  \n      deeper\n  than this\n",
        "a: &x 1\nb: *x\n",
        "a: !!python/object:os.system x\n",
        "? a\n: b\n",
        "--- a\n--- b\n",
        "%YAML 1.1\n---\na: yes\n",
        "a: one\u2028two\n",
        "a: x\ty\n",
        "- " * 60 + "a",
        "\n".join(" " * n + "a:" for n in range(0, 200, 2)),
        "[" * 30 + "\n" + "[" * 30,
    ],
)
def test_what_is_left_to_the_other(text: str) -> None:
    """What the two read or refuse differently, or what has no bound in libyaml, is not given to it."""
    assert yamlnodes.by_libyaml(text) is None

"""Lines to write on inside a paragraph: dots, underscores, tab leaders, underlined blanks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cqp_forms.docx.detect.inline import Token, Words
from cqp_forms.docx.detect.spots import Spot
from cqp_forms.mapping import DocxKind

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# Blanks that are shown as a line; XML cannot hold these two characters, so no text is mistaken.
_UNDERLINED = "\x01"
_TAB_LINE = "\x02"
#: « Date : __ / __ / ____ », or dots and such.
_LEADER = re.compile(
    r"(?P<date>(?:[._\x01]+[ \u00a0]*)?/[._\x01 \u00a0]*/(?:[ \u00a0]*[._\x01]+)?)"
    r"|[.…‥·_\x01\x02](?:[.…‥·_\x01\x02\t \u00a0]*[.…‥·_\x01\x02])?"
)
_WEIGHTS = {"…": 3, "‥": 2, _TAB_LINE: 4}
#: « … » and « ... » close a list in running text; a line to write on is longer.
_LONG_ENOUGH = 4
#: « Nom : » and nothing else waits for an answer; longer wordings introduce what follows.
_MAX_WORDS = 9


def with_leaders(
    tokens: Sequence[Token], paragraph: Element, part: str, tab_leader: bool
) -> list[Token]:
    """The same tokens, with an area in the place of each leader.

    Args:
        tab_leader: whether the paragraph's tab stops draw a leader.
    """
    result: list[Token] = []
    run: list[Words] = []
    for token in tokens:
        if isinstance(token, Words):
            run.append(token)
            continue
        result.extend(_split(run, paragraph, part, tab_leader))
        run = []
        result.append(token)
    result.extend(_split(run, paragraph, part, tab_leader))
    return result


def _split(run: list[Words], paragraph: Element, part: str, tab_leader: bool) -> list[Token]:
    text = "".join(one.text for one in run)
    # Offsets follow the paragraph's text; boxes between two words are not in these words.
    places = [one.start + index for one in run for index in range(len(one.text))]
    drawn = "".join(_drawn(one, tab_leader) for one in run)
    result: list[Token] = []
    done = 0
    for found in _LEADER.finditer(drawn):
        if not _is_line(found, drawn, done):
            continue
        if found.start() > done:
            result.append(Words(text[done : found.start()], places[done]))
        result.append(Spot(DocxKind.LEADER, paragraph, part, False, offset=places[found.start()]))
        done = found.end()
    if done < len(text):
        result.append(Words(text[done:], places[done]))
    return result


def _is_line(found: re.Match[str], drawn: str, done: int) -> bool:
    before = drawn[done : found.start()].rstrip()
    if found["date"]:
        # « oui / non / sans objet » is no date: nothing may follow, and a label must lead to it.
        return bool(before) and not drawn[found.end() :].strip()
    weight = sum(_WEIGHTS.get(one, 1) for one in found[0] if one not in "\t \u00a0")
    if weight >= _LONG_ENOUGH:
        return True
    return before.endswith(":") and found.end() == len(drawn.rstrip())


def _drawn(one: Words, tab_leader: bool) -> str:
    """The text with its drawn blanks marked, character for character."""
    if one.blank and not one.text.strip():
        return (
            one.text.replace("\t", _TAB_LINE)
            .replace(" ", _UNDERLINED)
            .replace("\u00a0", _UNDERLINED)
        )
    return one.text.replace("\t", _TAB_LINE) if tab_leader else one.text


def ends_as_label(text: str) -> bool:
    """Whether a paragraph is « Nom : » and waits for its answer on the same line."""
    bare = text.strip()
    return len(bare) > 1 and bare.endswith(":") and len(bare.split()) <= _MAX_WORDS

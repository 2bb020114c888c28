"""What the pages after the blank's say: an annex that says what the areas say, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from cqp_forms.alterations import Alteration, OwnMarks, alteration
from cqp_forms.guide import Guide
from cqp_forms.pdf.compare.page import view
from cqp_forms.pdf.page import Drawing, TextRun
from cqp_forms.pdf.read.text import annex_of
from cqp_forms.shown import Shown

_Items: TypeAlias = "list[Drawing | TextRun]"

#: Documents issued before the last page was told have the page's number alone.
_FOOT = re.compile(r"Annexe–page(\d+)(?:/(\d+))?")
_TITLE = re.compile(r"Annexe(\d+)–.+\(suitedelapage\d+\)")


def annex_alterations(
    pages: Sequence[_Items], before: int, shown: Shown, guide: Guide, marks: OwnMarks
) -> Iterator[Alteration]:
    """Everything on the pages of an annex that is not of right.

    Args:
        pages: what they hold, in order.
        before: how many pages the blank has.
        shown: what reading the document gave; the annex may say nothing else.
        marks: the edition's own mentions, which are no alterations.
    """
    wholes = {_compact(text) for text in shown.texts.values()}
    for number, passage in annex_of(pages, before + 1).passages.items():
        text = _compact(passage.text)
        if not any(one.endswith(text) for one in wholes):
            yield alteration(f"annexe {number}", "texte modifié", after=passage.text)
    for number, items in enumerate(pages, start=before + 1):
        yield from _page(number, items, guide, marks)
    told = max((_last_told(items) for items in pages), default=0)
    for number in range(before + len(pages) + 1, told + 1):
        yield alteration(f"page {number}", "page manquante")


def _page(page: int, items: _Items, guide: Guide, marks: OwnMarks) -> Iterator[Alteration]:
    seen = view(items, 0, {}, frozenset(), marks)
    tags = {one.tag for one in items if isinstance(one, TextRun)}
    if not tags & {"P", "Span"}:
        first = seen.lines[0].text if seen.lines else ""
        yield alteration(f"page {page}", "page ajoutée", after=first)
        return
    if marks.corrected and not seen.margin:
        yield alteration(f"page {page}", "mention de la version effacée ou modifiée")
    own = view(_own_text(items, guide, page), 0, {}, frozenset(), marks)
    extra = Counter(one.text for one in seen.lines) - Counter(one.text for one in own.lines)
    for text in extra:
        yield alteration(f"page {page}", "texte ajouté", after=text)
    for kind, *box in seen.drawings:
        size = f"{kind} de {box[2] - box[0]} × {box[3] - box[1]} points"
        yield alteration(f"page {page}", "dessin ajouté", after=size)


def _own_text(items: _Items, guide: Guide, page: int) -> _Items:
    """What an annex page has of right: its titles, the texts, its header and its foot."""
    head = _compact(" – ".join(part for part in (guide.tool, guide.title) if part))
    texts = _by_sequence(items)

    def is_own(run: TextRun) -> bool:
        text = texts[run.tag, run.sequence]
        match run.tag:
            case "P" | "Span":
                return True
            case "H1":
                return text == "Annexe"
            case "H2":
                return _TITLE.fullmatch(text) is not None
            case "Artifact":
                foot = _FOOT.fullmatch(text)
                return int(foot[1]) == page if foot else _is_head(text, head)
        return False

    return [one for one in items if isinstance(one, TextRun) and is_own(one)]


def _is_head(text: str, head: str) -> bool:
    """Whether this is the running header; one that is too long for its line is cut."""
    cut = text.endswith("…") and head.startswith(text[:-1])
    return cut or text.startswith(head)


def _last_told(items: _Items) -> int:
    """The number of the last page, from the foot of a page of the annex; 0 without."""
    feet = (_FOOT.fullmatch(text) for text in _by_sequence(items).values())
    return max((int(foot[2]) for foot in feet if foot and foot[2]), default=0)


def _by_sequence(items: _Items) -> dict[tuple[str, int], str]:
    """The text of each marked sequence, spaces left out."""
    found: dict[tuple[str, int], str] = {}
    for one in items:
        if isinstance(one, TextRun):
            key = (one.tag, one.sequence)
            found[key] = found.get(key, "") + _compact(one.text)
    return found


def _compact(text: str) -> str:
    return "".join(text.split())

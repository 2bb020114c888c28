"""Headings: which phrases are titles, and which title stands above each box."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import shared_height, shared_width
from cqp_forms.pdf.detect.spot import Spot
from cqp_forms.pdf.detect.text import Phrase, body_size, choice
from cqp_forms.typography import folded

#: What heads a column of a table, and is no title.
_HEADERS = frozenset(
    (
        *("critere", "criteres", "evaluation", "evaluations", "item", "items", "n°", "numero"),
        *("question", "questions", "reponse", "reponses", "competence", "competences"),
        *("intitule", "libelle", "observations", "commentaires", "cochez"),
    )
)
_LONGEST = 260  # characters of a title
_RUNNING = 3  # a text at one place on so many pages is a running header or footer


def give_headings(spots: Sequence[Spot], printed: Mapping[int, Sequence[Phrase]]) -> None:
    """Fill in ``heading``: the nearest title above, on the page or before it.

    Args:
        spots: all of the document's, labelled.
        printed: the phrases of each page.
    """
    size = body_size(one for page in printed.values() for one in page)
    running = _running(printed)
    current = ""
    for number in sorted(printed):
        here = [one for one in spots if one.page == number]
        titles = _titles(printed[number], here, size, running)
        for spot in here:
            above = [one for one in titles if one[0].y0 >= spot.rect.centre[1] - 1]
            nearest = min(above, key=lambda one: one[0].y0, default=None)
            spot.heading = nearest[1] if nearest else current
        if titles:
            current = min(titles, key=lambda one: one[0].y0)[1]


def _running(printed: Mapping[int, Sequence[Phrase]]) -> set[tuple[str, int]]:
    seen = Counter(key for page in printed.values() for key in {_place(one) for one in page})
    return {key for key, count in seen.items() if count >= _RUNNING}


def _place(phrase: Phrase) -> tuple[str, int]:
    return folded("".join(char for char in phrase.text if not char.isdigit())), round(
        phrase.rect.y0
    )


def _titles(
    printed: Sequence[Phrase], spots: Sequence[Spot], size: float, running: set[tuple[str, int]]
) -> list[tuple[Rect, str]]:
    """The titles of a page, from the top; lines in one type that follow are one title."""
    labels = {_key(rect) for spot in spots for rect in spot.words}
    found: list[list[Phrase]] = []
    for one in sorted(printed, key=lambda phrase: -phrase.rect.y1):
        if not _looks(one, size) or _key(one.rect) in labels or _place(one) in running:
            continue
        if _in_a_row(one, printed, spots):
            continue
        last = found[-1][-1] if found else None
        if last is not None and _goes_on(last, one):
            found[-1].append(one)
        else:
            found.append([one])
    return [(lines[-1].rect, " ".join(line.text for line in lines)) for lines in found]


def _key(rect: Rect) -> tuple[int, int, int]:
    return round(rect.x0), round(rect.y0), round(rect.x1)


def _looks(one: Phrase, size: float) -> bool:
    if not any(char.isalpha() for char in one.text) or len(one.text) > _LONGEST:
        return False
    if choice(one.text) or folded(one.text.strip(" :")) in _HEADERS:
        return False
    return one.bold or one.size >= 1.12 * size or one.capitals


def _in_a_row(one: Phrase, printed: Sequence[Phrase], spots: Sequence[Spot]) -> bool:
    """Whether other text or a box stands beside it: a table's header, a label, a sentence."""
    for other in printed:
        if (
            other is not one
            and not choice(other.text)
            and shared_height(other.rect, one.rect) > 0.5 * min(one.size, other.size)
            and shared_width(other.rect, one.rect) < 1
        ):
            return True
    return any(
        shared_height(spot.rect, one.rect) > 0.5 * min(one.size, spot.rect.height)
        and spot.rect.height < 40
        for spot in spots
    )


def _goes_on(upper: Phrase, lower: Phrase) -> bool:
    gap = upper.rect.y0 - lower.rect.y1
    return (
        abs(upper.size - lower.size) < 0.8
        and upper.bold == lower.bold
        and -0.5 * lower.size < gap < 0.4 * lower.size
        and shared_width(upper.rect, lower.rect) > 0
        and not upper.text.rstrip().endswith((".", ":", "?"))
    )

"""Words become phrases: the words of one line with no wide gap, no box and no rule between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from statistics import median

from cqp_forms.mapping import Rect
from cqp_forms.pdf.detect.model import Word, same_row, shared_height
from cqp_forms.pdf.geometry import union
from cqp_forms.typography import folded

#: Column headers and captions of a choice, folded: they say which answer a box is, not of what.
CHOICES = frozenset(
    (
        *("oui", "non", "o", "n", "yes", "no", "na", "n/a", "nsp", "x", "✓", "✔", "☑"),
        *("acquis", "maitrise", "maitrisee", "valide", "validee", "en cours", "sans objet"),
        *("non acquis", "non maitrise", "non maitrisee", "non valide", "non validee"),
        *("non evalue", "non concerne", "non applicable", "ne sait pas"),
        *("coche", "cochez", "cocher", "case", "case a cocher", "cochez la case"),
    )
)
_ANSWERS = frozenset({"oui", "non", "yes", "no", "na", "n/a"})
#: What ends a place to write in: another label begins behind it.
_OUT_OF = re.compile(r"/[0-9]{1,3}")
_UNITS = frozenset({"€", "%", "euros", "heures", "jours", "mois", "ans", "h", "kg", "km", "m²"})
_LEADER = re.compile(r"[._·‧…‐\-]{4,}|[….]*…[….]*|[._…]{2,3}")


@lru_cache(maxsize=8192)
def choice(text: str) -> str:
    """The text if it names one answer of a choice (« OUI », « Non : »), else the empty string."""
    bare = text.strip(" :\u00a0?.")
    return bare if folded(bare) in CHOICES else ""


def is_leader(word: Word) -> bool:
    """Whether a word is a run of dots or underscores, a line to write on or a part of a date."""
    return bool(_LEADER.fullmatch(word.text)) and word.rect.width >= (12 if "…" in word.text else 5)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that read as one.

    Attributes:
        size: the height of its tallest word, in points.
    """

    text: str
    rect: Rect
    bold: bool
    size: float

    @property
    def capitals(self) -> bool:
        """Whether it is set in capitals, four letters at least."""
        letters = [char for char in self.text if char.isalpha()]
        return len(letters) > 3 and all(char.isupper() for char in letters)


def rows_of(rects: Sequence[Rect]) -> list[list[int]]:
    """Group rectangles that stand side by side; rows from the top, each from the left."""
    order = sorted(range(len(rects)), key=lambda one: -(rects[one].y0 + rects[one].y1))
    rows: list[list[int]] = []
    for index in order:
        # Only the last rows can still take it: the others lie higher.
        for row in reversed(rows[-3:]):
            if same_row(rects[row[0]], rects[index]):
                row.append(index)
                break
        else:
            rows.append([index])
    for row in rows:
        row.sort(key=lambda one: rects[one].x0)
    return rows


def phrases(words: Sequence[Word], obstacles: Iterable[Rect]) -> tuple[Phrase, ...]:
    """The phrases of a page, from the top, each line from the left.

    Args:
        words: without leaders and box glyphs.
        obstacles: what parts two phrases on a line: boxes, leaders, upright rules.
    """
    walls = sorted(obstacles, key=lambda one: one.x0)
    found: list[Phrase] = []
    for row in rows_of([word.rect for word in words]):
        line = [words[index] for index in row]
        current = [line[0]]
        for before, word in pairwise(line):
            space = 0.6 if _is_short(before) and _is_short(word) else 1.15
            height = max(before.rect.height, word.rect.height)
            wide = word.rect.x0 - before.rect.x1 > space * height
            gap = word.rect.x0 - before.rect.x1
            apart = word.text[:1].isupper() and gap > 0.5 * height
            header = _is_answer(before) and (_is_answer(word) or apart)
            unit = word.text[:1].isupper() and _ends_with_unit(current)
            if (
                wide
                or header
                or unit
                or _parted(before.rect, word.rect, walls)
                or _captions(word, walls)
            ):
                found.append(_phrase(current))
                current = []
            current.append(word)
        found.append(_phrase(current))
    return tuple(found)


def _ends_with_unit(words: Sequence[Word]) -> bool:
    """« €», « / 20 »: another label begins behind it."""
    last = words[-1].text
    over = len(words) > 1 and words[-2].text.endswith("/") and last.isdigit()
    return last in _UNITS or over or bool(_OUT_OF.fullmatch(last))


def _parted(one: Rect, other: Rect, walls: Sequence[Rect]) -> bool:
    for wall in walls:
        if wall.x0 > other.x0 + 1:
            return False
        if (
            wall.x0 >= one.x1 - 1.5
            and wall.x1 <= other.x0 + 1.5
            and shared_height(wall, one) > 0.3 * min(one.height, max(wall.height, 0.1))
        ):
            return True
    return False


def _is_answer(word: Word) -> bool:
    return folded(word.text.strip(" :")) in _ANSWERS


def _is_short(word: Word) -> bool:
    """Whether a word may be a degree over a narrow column: « A », « 1 », « ++ »."""
    return len(word.text) <= 2 and not word.text.islower()


def _captions(word: Word, walls: Sequence[Rect]) -> bool:
    """Whether a word is the caption of the box that follows it (« techniques : Non ☐ »)."""
    return _is_answer(word) and any(
        -1 <= wall.x0 - word.rect.x1 < 14 and wall.width > 3 and same_row(wall, word.rect)
        for wall in walls
    )


def _phrase(words: Sequence[Word]) -> Phrase:
    return Phrase(
        " ".join(word.text for word in words),
        union(word.rect for word in words),
        all(word.bold for word in words),
        max(word.rect.height for word in words),
    )


def body_size(every: Iterable[Phrase]) -> float:
    """The usual line height, weighed by how much text has it; 10 when there is no text."""
    sizes = [one.size for one in every for _ in range(1 + len(one.text) // 8)]
    return median(sizes) if sizes else 10.0


def joined(parts: Iterable[Phrase]) -> str:
    """The text of phrases in reading order, hyphens at line ends left as they are."""
    ordered = list(parts)
    rows = rows_of([one.rect for one in ordered])
    return " ".join(ordered[index].text for row in rows for index in row)

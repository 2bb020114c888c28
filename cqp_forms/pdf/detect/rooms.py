"""Places that nothing draws: an invitation to write, a hint in a frame, the room behind a label."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cqp_forms.guide import PlacementKind
from cqp_forms.mapping import PdfKind, Rect
from cqp_forms.pdf.detect.cells import kind_of
from cqp_forms.pdf.detect.lines import before
from cqp_forms.pdf.detect.model import PageContent, shared_height, shared_width
from cqp_forms.pdf.detect.tables import TableCell, holding
from cqp_forms.pdf.detect.text import Phrase
from cqp_forms.pdf.detect.widgets import Spot
from cqp_forms.typography import folded

#: What word processors print in a place to fill, folded.
_INVITES = re.compile(
    r"(cliquez|appuyez|tapez|saisissez|entrez|choisissez|click|tap|enter|choose)\b.*"
    r"\b(texte|date|element|text|item|ici|here)\W*"
)
#: What a screen's form shows in a field that is empty, folded.
_HINTS = re.compile(r"j+ ?/ ?m+ ?/ ?a+|d+ ?/ ?m+ ?/ ?y+|(choisir|selectionne[rz]|saisir)\b.{0,30}")
#: What a label asks for whose place nothing shows, folded.
_ASKED = re.compile(
    r"\b(nom|prenom|date|adresse|fonction|entreprise|societe|organisme|telephone|tel|courriel|"
    r"e-?mail|lieu|fait a|le|qualite|poste|service|tuteur|ville|commune|code postal|siret)\b"
)
_ASKED_LENGTH, _ROOM, _ROOMIEST, _EDGE = 45, 70.0, 240.0, 40.0


def invites(page: PageContent, printed: Sequence[Phrase], cells: Sequence[TableCell]) -> list[Spot]:
    """Places that an invitation to write shows: « Cliquez ici pour entrer du texte ».

    In a frame that holds nothing else a hint is one too: « JJ/MM/AAAA », « Choisir… ».
    """
    found = []
    for one in printed:
        words = folded(one.text)
        frame = next((each.rect for each in cells if each.framed and each.phrases == [one]), None)
        if frame is not None and (_HINTS.fullmatch(words) or _INVITES.fullmatch(words)):
            place = Rect(frame.x0 + 1, frame.y0 + 1, frame.x1 - 1, frame.y1 - 1)
        elif _INVITES.fullmatch(words):
            end = max(_end(one, page, printed), one.rect.x1 + 2)
            place = Rect(one.rect.x0 - 2, one.rect.y0 - 1, end, one.rect.y1 + 1)
        else:
            continue
        label = before(frame or one.rect, [each for each in printed if each is not one])
        spot = Spot(page.number, place, PlacementKind.TEXT_AREA, PdfKind.INVITE)
        if label is not None:
            spot.label, spot.words = label.text, (label.rect,)
        found.append(spot)
    return found


def rooms(
    page: PageContent, printed: Sequence[Phrase], cells: Sequence[TableCell], taken: Sequence[Rect]
) -> list[Spot]:
    """The room right of « Nom : » with nothing printed in it; a person confirms such a place."""
    found = []
    asking = [
        one for one in printed if one.text.rstrip().endswith(":") and len(one.text) <= _ASKED_LENGTH
    ]
    for one in (each for each in asking if kind_of(each.text) is PlacementKind.TEXT_AREA):
        around = holding(one.rect, cells)
        cell = around.rect if around is not None else None
        # Labels one under the other in a frame ask for a text each, whatever they say.
        together = cell is not None and sum(cell.contains(*two.rect.centre) for two in asking) > 1
        if not (together or (cell is None and _ASKED.search(folded(one.text)))):
            continue
        end = _end(one, page, printed, cell)
        room = Rect(one.rect.x1 + 4, one.rect.y0 + 1, end, one.rect.y1 + 2)
        used = any(other.overlaps(room) or other.overlaps(one.rect) for other in taken)
        # Cells of a comb, and whatever else is drawn there, have their own meaning.
        drawn = [other.rect for other in page.shapes if other.rect.width < room.width]
        used = used or any(other.overlaps(room) for other in drawn)
        if room.width < _ROOM or used or (not together and _served_below(one, [*taken, *drawn])):
            continue
        spot = Spot(page.number, room, PlacementKind.TEXT_AREA, PdfKind.LINE, one.text)
        spot.words, spot.doubt = (one.rect,), "rien n’est imprimé à droite de ce libellé"
        found.append(spot)
    return found


def _served_below(label: Phrase, taken: Sequence[Rect]) -> bool:
    return any(
        -2 <= label.rect.y0 - one.y1 < 30 and shared_width(one, label.rect) > 0 for one in taken
    )


def _end(
    label: Phrase, page: PageContent, printed: Sequence[Phrase], cell: Rect | None = None
) -> float:
    """Where the free room right of a phrase ends, in its cell if it stands in one."""
    right = [
        one.rect.x0 - 6
        for one in printed
        if one.rect.x0 >= label.rect.x1 and shared_height(one.rect, label.rect) > 3
    ]
    edge = page.view.size[0] - _EDGE if cell is None else cell.x1 - 3
    return min([label.rect.x1 + _ROOMIEST, edge, *right])

"""Prove a DOCX by making it again: the lines that a reader sees, beside those of its twin.

Word and LibreOffice rewrite a document when they save it: runs are split, styles renamed, parts and
relationships numbered anew. What is compared is what a reader sees, line by line, with what keeps a
line from being read (hidden, struck out, pale, minute, crushed), and what would make the document
show something else elsewhere: fields that fetch, bound controls, templates, macros.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from cqp_forms import ticksigns
from cqp_forms.docx import wml
from cqp_forms.docx.looks import invitations, lines_of, office, to_pdfs
from cqp_forms.docx.opc import Package, open_package
from cqp_forms.docx.styles import Styles
from cqp_forms.errors import DocumentError
from cqp_forms.guide import Guide
from cqp_forms.pdf.raster import Raster, count, regions
from cqp_forms.plan import Stage
from cqp_forms.proof import DRAFT, Alteration, Closeness, OwnMarks, Proof, Twin, alteration

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: The parts beside the body that a reader sees, by the name of their root (ECMA-376-1, 11.3).
_BESIDE = {
    "hdr": "en-tête",
    "ftr": "pied de page",
    "footnotes": "notes de bas de page",
    "endnotes": "notes de fin",
    "comments": "commentaires Word",
}
#: Elements by which a document shows or does what is not in it, and what they are.
_FOREIGN = {
    "altChunk": "document inséré",
    "subDoc": "sous-document",
    "dataBinding": "contrôle lié à d’autres données",
    "object": "objet incorporé",
    "control": "contrôle ActiveX",
    "background": "fond de page",
}
#: Parts that do or bring something, by the last word of their relationship (ECMA-376-1, 11 to 15).
_BRINGING = {
    "vbaProject": "macro",
    "control": "contrôle ActiveX",
    "oleObject": "objet incorporé",
    "package": "objet incorporé",
    "aFChunk": "document inséré",
    "subDocument": "sous-document",
    "font": "police incorporée",
    "attachedTemplate": "modèle attaché",
}
#: Fields that show nothing but the page, or what the document itself has there.
_HARMLESS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES", "PAGEREF"}) | {
    *("FORMTEXT", "FORMCHECKBOX", "FILLIN")
}
#: Names that WordprocessingML and what it admits begin with; what is in others is not shown.
_KNOWN = ("http://schemas.openxmlformats.org/", "http://schemas.microsoft.com/", "urn:schemas-")
#: What of another vocabulary may hold what Word shows, and what it shows.
_HOLDERS = frozenset({wml.qn("mc:Choice"), wml.qn("mc:Fallback")})
_HELD = frozenset({"p", "r", "sdt", "tbl", "tc", "tr"})
_STRICT = "http://purl.oclc.org/ooxml/"
_LINES = (
    "ses textes, ses cases et ce qui les cacherait sont comparés ligne par ligne, pas ses pages "
)
_NO_OFFICE = f"{_LINES}(LibreOffice, qui les mettrait en page, est introuvable)"
_FAILED = f"{_LINES}(LibreOffice n’a pas pu les mettre en page)"
_SAVED_AGAIN = f"{_LINES}(un autre logiciel, ou une autre version, l’a enregistré)"
_ALTERED = f"{_LINES}(ce qui précède suffit à dire qu’il diffère)"
#: What names the program that saved a document last (ECMA-376-1, 15.2.12.2).
_MAKER = "docProps/app.xml"
#: Levels of a colour, of 255, from which a difference between two pages is seen.
_SEEN = 14
_BOXES = str.maketrans(dict.fromkeys(ticksigns.SIGNS, "□"))
#: A line and what came for it have at least this share in common.
_LIKE = 0.5


def prove(document: bytes, twin: Twin, guide: Guide) -> Proof:
    """Compare a document with its twin.

    Args:
        document: issued, perhaps corrected or saved again by Word or LibreOffice.
        twin: stamped from what was read in it.
        guide: names the criteria.

    Raises:
        DocumentError: the document cannot be read.
    """
    marks = None
    if twin.closeness is Closeness.LOOSE:
        trail = twin.trail
        known = trail.number is not None or trail.stage is not Stage.ISSUED
        marks = OwnMarks(trail.number, trail.reason) if known else OwnMarks()
    found = alterations(document, twin.content, guide, marks)
    if found:
        return Proof(found, (_ALTERED,))
    if document == twin.content:
        return Proof()
    if twin.closeness is Closeness.LOOSE or _maker(document) != _maker(twin.content):
        return Proof(unseen=(_SAVED_AGAIN,))
    return _sight(document, twin.content)


def _maker(document: bytes) -> bytes:
    package = open_package(document)
    return package.content(_MAKER) if _MAKER in package.names else b""


def _sight(document: bytes, twin: bytes) -> Proof:
    """Compare two documents as LibreOffice lays them out, page by page."""
    program = office()
    if program is None:
        return Proof(unseen=(_NO_OFFICE,))
    try:
        laid = to_pdfs([document, twin], program)
    except DocumentError:
        return Proof(unseen=(_FAILED,))
    found, pictures = [], {}
    with Raster(laid[0]) as pages, Raster(laid[1]) as models:
        if len(pages) != len(models):
            found.append(
                alteration("document", "nombre de pages modifié", str(len(models)), str(len(pages)))
            )
        for number in range(min(len(pages), len(models))):
            page, model = pages.picture(number), models.picture(number)
            if page == model:
                continue
            same = page.size == model.size
            mask = page.difference(model, _SEEN) if same else None
            if mask is None or count(mask):
                places = [page.rect(one) for one in regions(mask)] if mask is not None else []
                found.append(alteration(f"page {number + 1}", "la page se montre autrement"))
                pictures[f"page-{number + 1}.png"] = page.beside(model, places)
        return Proof(tuple(found), pages=min(len(pages), len(models)), pictures=pictures)


def alterations(
    document: bytes, twin: bytes, guide: Guide, marks: OwnMarks | None = None
) -> tuple[Alteration, ...]:
    """What a document has otherwise than its twin.

    Args:
        marks: the mentions of an edition that the twin may have otherwise, or lack; ``None`` when
            the twin has those of the document.
    """
    expected, found = _Reading(twin, guide), _Reading(document, guide)
    # LibreOffice keeps the text of an invitation to type, and forgets that it is one.
    invited = expected.invitations()
    body = [one for one in found.body() if one.text not in invited]
    ours, own = expected.body(), expected.beside()
    theirs = found.beside()
    missing: list[Alteration] = []
    if marks is not None:
        missing = list(_missing_marks(body, theirs["hdr"], marks))
        ours, body = (
            [one for one in each if not marks.is_cover(one.text)] for each in (ours, body)
        )
        own["hdr"], theirs["hdr"] = (
            {one for one in each if not (marks.is_margin(one) or (marks.draft and one == DRAFT))}
            for each in (own["hdr"], theirs["hdr"])
        )
    return (
        *missing,
        *_body(ours, body),
        *_beside(own, theirs),
        *(
            alteration("document", f"{what} ajouté", "", which, _known(which, guide))
            for what, which in sorted(found.foreign() - expected.foreign())
        ),
    )


def _known(which: str, guide: Guide) -> str:
    return which if which in guide.placements else ""


def likeness(document: bytes, blank: bytes, guide: Guide) -> float:
    """How much of the blank's text the document has: 0 to 1.

    Raises:
        DocumentError: the document cannot be read.
    """
    expected = {one.text for one in _Reading(blank, guide).body()}
    found = {one.text for one in _Reading(document, guide).body()}
    return len(expected & found) / len(expected) if expected else 1.0


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of text as it is compared, where it stands, and the placement in it."""

    text: str
    where: str = ""
    placement: str = ""


class _Reading:
    """The lines of one document."""

    def __init__(self, document: bytes, guide: Guide) -> None:
        self._package: Package = open_package(document)
        self._guide = guide
        self._styles = Styles(self._package.styles, self._package.numbering)

    def _main(self) -> Element:
        return self._package.tree(self._package.main)

    def body(self) -> list[_Line]:
        """The lines of the body, in order."""
        heading = ""
        found: list[_Line] = []
        for paragraph in wml.all_words(self._main(), "p"):
            lines = list(lines_of(paragraph, self._styles))
            if lines and self._styles.is_heading(paragraph):
                heading = lines[0]
            key = self._placement(paragraph)
            where = self._where(paragraph, heading)
            found.extend(_Line(normal, where, key) for one in lines if (normal := _normal(one)))
        return found

    def invitations(self) -> set[str]:
        """What the controls without an answer invite to type."""
        return {normal for one in invitations(self._main()) if (normal := _normal(one))}

    def _placement(self, paragraph: Element) -> str:
        """The placement in a paragraph, or that a paragraph is in; empty for none."""
        inside = wml.all_words(paragraph, "sdt")
        around = (one for one in paragraph.iterancestors() if wml.is_word(one, "sdt"))
        tags = (wml.tag_of(one) for one in (*inside, *around))
        return next((one for one in tags if one in self._guide.placements), "")

    def _where(self, paragraph: Element, heading: str) -> str:
        row = next((one for one in paragraph.iterancestors() if wml.is_word(one, "tr")), None)
        parts = [heading or "couverture"]
        if row is not None:
            tags = (wml.tag_of(one) for one in wml.all_words(row, "sdt"))
            known = (self._guide.placements.get(one) for one in tags)
            field_id = next((one.field_id for one in known if one), "")
            parts.append(f"ligne de {field_id}" if field_id else "dans un tableau")
        return ", ".join(parts)

    def beside(self) -> dict[str, set[str]]:
        """The lines of the other parts, by the name of their root."""
        found: dict[str, set[str]] = {name: set() for name in _BESIDE}
        for root in self._others():
            lines = (one for p in wml.all_words(root, "p") for one in lines_of(p, self._styles))
            found[wml.local(root)].update(normal for one in lines if (normal := _normal(one)))
        return found

    def _others(self) -> Iterator[Element]:
        for name in self._package.names:
            if name.startswith("word/") and name.endswith(".xml") and name.count("/") == 1:
                root = self._package.tree(name)
                if wml.local(root) in _BESIDE:
                    yield root

    def foreign(self) -> set[tuple[str, str]]:
        """What the document shows from elsewhere, or does: what it is, and which."""
        found = set(self._brought())
        for root in (self._main(), *self._others()):
            for one in root.iter():
                found.update(_foreign(one))
        return found

    def _brought(self) -> Iterator[tuple[str, str]]:
        for name in self._package.names:
            if not name.endswith(".rels"):
                continue
            folder, _, file = name.rpartition("_rels/")
            for one in self._package.relations(folder + file.removesuffix(".rels")):
                if one.kind in _BRINGING:
                    yield _BRINGING[one.kind], one.target if one.external else ""
                elif one.external:
                    yield "lien vers l’extérieur", one.target


def _foreign(one: Element) -> Iterator[tuple[str, str]]:
    name = wml.local(one)
    if not name:
        return
    if name in _FOREIGN and wml.is_word(one, name):
        yield _FOREIGN[name], _named(one)
    elif name in ("instrText", "fldSimple"):
        code = (wml.attribute(one, "instr") if name == "fldSimple" else one.text) or ""
        word = next(iter(code.split()), "").upper()
        if word and word not in _HARMLESS:
            yield "champ", word
    elif name == "AlternateContent":
        texts = {_normal("".join(t.text or "" for t in wml.all_words(e, "t"))) for e in one}
        if len(texts) > 1:
            yield "second rendu différent", " / ".join(sorted(texts))
    elif not str(one.tag)[1:].startswith((*_KNOWN, _STRICT)) or _is_dropped(one, name):
        yield "élément inconnu", name


def _is_dropped(one: Element, name: str) -> bool:
    """Whether it holds text but isn't of Word's body: Word may drop both (ECMA-376-3, 7.2)."""
    if wml.is_word(one, name) or one.tag in _HOLDERS:
        return False
    return any(wml.is_word(child, wml.local(child)) and wml.local(child) in _HELD for child in one)


def _named(one: Element) -> str:
    """What tells an element from its like: the tag of its control, or what it holds."""
    control = next((up for up in one.iterancestors() if wml.is_word(up, "sdt")), None)
    return wml.tag_of(control) if control is not None else ""


def _normal(text: str) -> str:
    """A line as it is compared: spaces of every kind are one, boxes are alike."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_BOXES).split())


def _missing_marks(
    body: Sequence[_Line], headers: Iterable[str], marks: OwnMarks
) -> Iterator[Alteration]:
    if not marks.corrected:
        return
    if not any(marks.is_cover(one.text) for one in body):
        yield alteration("couverture", "mention de la version effacée ou modifiée")
    if not any(marks.is_margin(one) for one in headers):
        yield alteration("marge", "mention de la version effacée ou modifiée")


def _body(expected: Sequence[_Line], found: Sequence[_Line]) -> Iterator[Alteration]:
    matcher = SequenceMatcher(
        None, [one.text for one in expected], [one.text for one in found], autojunk=False
    )
    for action, start, end, first, last in matcher.get_opcodes():
        if action != "equal":
            where = expected[min(start, len(expected) - 1)].where if expected else ""
            yield from _changed(expected[start:end], found[first:last], where)


def _changed(before: Sequence[_Line], after: Sequence[_Line], where: str) -> Iterator[Alteration]:
    """Pair what went with what came, the most alike first; the rest went or came alone."""
    left = list(after)
    for one in before:
        twin = max(left, key=lambda two: _share(one.text, two.text), default=None)
        if twin is not None and _share(one.text, twin.text) > _LIKE:
            left.remove(twin)
            yield alteration(one.where, "texte modifié", one.text, twin.text, one.placement)
        else:
            yield alteration(one.where, "texte supprimé", one.text, "", one.placement)
    for two in left:
        yield alteration(where, "texte ajouté", "", two.text, two.placement)


def _share(one: str, two: str) -> float:
    return SequenceMatcher(None, one, two, autojunk=False).ratio()


def _beside(expected: dict[str, set[str]], found: dict[str, set[str]]) -> Iterator[Alteration]:
    for kind, title in _BESIDE.items():
        gone = [_Line(one, title) for one in sorted(expected[kind] - found[kind])]
        come = [_Line(one, title) for one in sorted(found[kind] - expected[kind])]
        yield from _changed(gone, come, title)

"""The form of the blank PDF: fields, widgets and their appearances (ISO 32000-2, 12.7).

The page's own content draws boxes and lines; a widget only adds what is filled in. So nothing is
drawn twice, and a form that is flattened or printed empty looks the same.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

from cqp_forms.blocks import plain
from cqp_forms.errors import GuideError
from cqp_forms.guide import Box, Field, FieldKind, Guide, Placement, PlacementKind
from cqp_forms.mapping import Rect
from cqp_forms.typography import NBSP
from pdf_blank.flow import Recorder, Spot

#: The on-state of every tick box.
ON = "/Oui"

_PRINT = 4  # annotation flag 3, 12.5.3
_MULTILINE = 1 << 12  # field flag 13, 12.7.5.3

# Typing is left to the viewer, which makes the appearance itself: Helvetica is one of the fonts
# that each of them has whole, with all the letters of French, where a font embedded here would be
# one that some viewers do not let people type in.
_TEXT_DA = "/Helv 10 Tf 0 g"
_TICK_DA = "/ZaDb 0 Tf 0 g"


def add_form(content: bytes, guide: Guide, recorder: Recorder, title: str) -> bytes:
    """Add the form to the laid out pages.

    Args:
        content: the pages.
        guide: whose placements.
        recorder: where each of them is, in reading order.
        title: for the metadata.

    Returns:
        The document; the same bytes for the same pages.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        form = _Form(pdf, guide)
        for placement, spot in recorder.spots.items():
            form.add(guide.placements[placement], spot)
        form.finish()
        _describe(pdf, guide, title)
        stream = io.BytesIO()
        pdf.save(
            stream,
            force_version="1.7",
            deterministic_id=True,
            compress_streams=True,
            recompress_flate=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return stream.getvalue()


def _describe(pdf: Pdf, guide: Guide, title: str) -> None:
    pdf.Root.Lang = String(guide.language)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.Root.PageMode = Name.UseOutlines
    info = pdf.docinfo
    for key in ("/CreationDate", "/ModDate", "/Author", "/Keywords", "/Trapped"):
        if key in info:
            del info[key]
    info.Producer = String("cqp-forms")
    with pdf.open_metadata(set_pikepdf_as_editor=False) as xmp:
        xmp["dc:title"] = title
        xmp["dc:language"] = {guide.language}
        xmp["xmp:CreatorTool"] = "cqp-forms"
        xmp["pdf:Producer"] = "cqp-forms"


@dataclass
class _Node:
    """A name in the tree of fields: partial names hold no full stop (12.7.4.2)."""

    children: dict[str, _Node] = field(default_factory=dict)
    widget: pikepdf.Object | None = None


class _Form:
    def __init__(self, pdf: Pdf, guide: Guide) -> None:
        self.pdf, self.guide = pdf, guide
        self.root = _Node()
        self._marks: dict[tuple[float, float], Dictionary] = {}
        self._annotations: dict[int, list[pikepdf.Object]] = {}

    def add(self, placement: Placement, spot: Spot) -> None:
        """Make the widget of a placement, and put it in its page and in the tree."""
        page = self.pdf.pages[spot.page - 1]
        rect = spot.rect
        widget = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            Rect=Array([rect.x0, rect.y0, rect.x1, rect.y1]),
            F=_PRINT,
            P=page.obj,
            TU=String(tooltip(self.guide, placement)),
        )
        match placement.kind:
            case PlacementKind.TICK_BOX:
                widget.update(self._tick(rect))
            case PlacementKind.TEXT_AREA:
                widget.update(self._text(rect))
                if spot.multiline:
                    widget.Ff = _MULTILINE
            case PlacementKind.SIGNATURE_AREA:
                widget.FT = Name.Sig
                widget.AP = Dictionary(N=self._drawing(rect, b""))
        made = self.pdf.make_indirect(widget)
        self._annotations.setdefault(spot.page, []).append(made)
        self._place(placement.id, made)

    def _tick(self, rect: Rect) -> dict[str, pikepdf.Object]:
        size = (round(rect.width, 2), round(rect.height, 2))
        if size not in self._marks:
            self._marks[size] = Dictionary(
                {
                    ON: self._drawing(rect, _cross(*size)),
                    "/Off": self._drawing(rect, b""),
                }
            )
        return {
            "/FT": Name.Btn,
            "/V": Name.Off,
            "/AS": Name.Off,
            "/DA": String(_TICK_DA),
            "/MK": Dictionary(CA=String("8")),
            "/AP": Dictionary(N=self._marks[size]),
        }

    def _text(self, rect: Rect) -> dict[str, pikepdf.Object]:
        return {
            "/FT": Name.Tx,
            "/DA": String(_TEXT_DA),
            "/MK": Dictionary(),
            "/AP": Dictionary(N=self._drawing(rect, b"/Tx BMC EMC")),
        }

    def _drawing(self, rect: Rect, content: bytes) -> pikepdf.Object:
        stream = self.pdf.make_stream(content)
        stream.Type, stream.Subtype = Name.XObject, Name.Form
        stream.BBox = Array([0, 0, round(rect.width, 2), round(rect.height, 2)])
        stream.Resources = Dictionary()
        return stream

    def _place(self, name: str, widget: pikepdf.Object) -> None:
        node = self.root
        for part in name.split("."):
            if node.widget is not None:
                raise _clash(name)
            node = node.children.setdefault(part, _Node())
        if node.widget is not None or node.children:
            raise _clash(name)
        node.widget = widget

    def finish(self) -> None:
        """Write the tree, the pages' annotations and the form's dictionary."""
        fields = [self._write(part, node, None) for part, node in self.root.children.items()]
        for number, widgets in self._annotations.items():
            page = self.pdf.pages[number - 1]
            page.Annots = Array(widgets)
            page.Tabs = Name.R
        helvetica = _standard_font("Helvetica")
        helvetica.Encoding = Name.WinAnsiEncoding
        fonts = Dictionary(
            Helv=self.pdf.make_indirect(helvetica),
            ZaDb=self.pdf.make_indirect(_standard_font("ZapfDingbats")),
        )
        self.pdf.Root.AcroForm = self.pdf.make_indirect(
            Dictionary(Fields=Array(fields), DR=Dictionary(Font=fonts), DA=String(_TEXT_DA))
        )

    def _write(self, part: str, node: _Node, parent: pikepdf.Object | None) -> pikepdf.Object:
        made = node.widget if node.widget is not None else self.pdf.make_indirect(Dictionary())
        made.T = String(part)
        if parent is not None:
            made.Parent = parent
        if node.children:
            made.Kids = Array(
                [self._write(name, child, made) for name, child in node.children.items()]
            )
        return made


def _standard_font(name: str) -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name(f"/{name}"))


def _clash(name: str) -> GuideError:
    return GuideError(
        f"le champ « {name} » ne peut pas être dans un PDF : un autre champ porte le début de "
        "son identifiant.",
        remedy="Changez l’un des deux identifiants dans guide.yaml.",
    )


def _cross(width: float, height: float) -> bytes:
    """A cross in the middle of the box, clear of its frame."""
    half = min(width, height) * 0.29
    x, y = width / 2, height / 2
    ends = (x - half, y - half, x + half, y + half, x - half, y + half, x + half, y - half)
    numbers = [f"{one:.2f}" for one in ends]
    strokes = "{} {} m {} {} l {} {} m {} {} l S".format(*numbers)
    return f"q 1.5 w 1 J 0 G {strokes} Q".encode()


def tooltip(guide: Guide, placement: Placement) -> str:
    """What a viewer shows, and a screen reader says, for a widget."""
    field = guide.fields[placement.field_id]
    if field.kind is FieldKind.CRITERION or field.kind is FieldKind.RESULT:
        return _of_competence(guide, field, placement)
    return plain(field.title)


def _of_competence(guide: Guide, field: Field, placement: Placement) -> str:
    phrases = guide.phrases
    words: dict[str, str] = {} if phrases is None else {
        Box.OUI: phrases.yes,
        Box.NON: phrases.no,
        Box.MASTERED: phrases.mastered,
        Box.NOT_MASTERED: phrases.not_mastered,
    }  # fmt: skip
    number = field.id.partition(".")[0].removeprefix("c")
    word = words.get(placement.box, "") if placement.box is not None else ""
    if field.kind is FieldKind.RESULT:
        return plain(f"Compétence {number} – {field.label}{NBSP}: {word}")
    return plain(f"Compétence {number} – {word}{NBSP}: {field.label}")

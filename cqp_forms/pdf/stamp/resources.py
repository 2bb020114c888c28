"""What stamped content refers to by name: its fonts, and the draft's see-through state.

All overlays, annex pages and field appearances share these dictionaries, which are theirs alone:
no name of the blank can mean anything else in them (ISO 32000-2, 7.8.3).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, String

from cqp_forms import fonts
from cqp_forms.fonts import Face
from cqp_forms.pdf.stamp.overlay import FAINT, FontUsage, resource_name
from cqp_forms.plan import Stage

#: Nonsymbolic would promise a standard encoding: these fonts are symbolic (table 121).
_SYMBOLIC = 4
#: A block of a CMap has no more pairs than this (9.7.5.4).
_PAIRS = 100


class StampResources:
    """The resources of a prepared document's stamped content.

    Attributes:
        dictionary: for overlays and annex pages.
        fonts: its fonts, for the appearances of fields too.
        common: the face that nearly all text is set in.
    """

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._made: dict[str, Object] = {}
        self.common = fonts.faces()[0]
        self.fonts: Object = pdf.make_indirect(Dictionary())
        self.dictionary: Object = pdf.make_indirect(Dictionary(Font=self.fonts))
        self._faint = Dictionary({f"/{FAINT}": Dictionary(Type=Name.ExtGState, ca=0.22, CA=0.22)})

    def handles(self) -> list[Object]:
        """Its objects, in an order that :meth:`move` knows."""
        return [self.dictionary, *self._made.values()]

    def move(self, pdf: pikepdf.Pdf, handles: Iterator[Object]) -> None:
        """Go on in the same document, saved and opened again, with its objects in that one."""
        self._pdf = pdf
        self.dictionary = next(handles)
        self.fonts = self.dictionary.Font
        self._made = {key: next(handles) for key in self._made}

    def font(self, face: Face) -> Object:
        """The font dictionary of a face, made at first use."""
        if face.key not in self._made:
            self._made[face.key] = font_object(self._pdf, face)
        return self._made[face.key]

    def write(self, usage: FontUsage, stage: Stage) -> None:
        """Name what one document uses, and nothing else."""
        for name in list(self.fonts.keys()):
            del self.fonts[name]
        for face in usage.faces.values():
            self.fonts[Name("/" + resource_name(face))] = self.font(face)
        if stage is Stage.DRAFT:
            self.dictionary.ExtGState = self._faint
        elif Name.ExtGState in self.dictionary:
            del self.dictionary.ExtGState


def font_object(pdf: pikepdf.Pdf, face: Face) -> Object:
    """A new composite font with identity encoding (9.7): its file, widths and character map."""
    name = Name(f"/{face.name}")
    metrics = face.metrics
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=_SYMBOLIC,
        FontBBox=Array(metrics.bbox),
        ItalicAngle=metrics.italic_angle,
        Ascent=metrics.ascent,
        Descent=metrics.descent,
        CapHeight=metrics.cap_height,
        StemV=metrics.stem_v,
        FontFile2=_packed(pdf, face.font_file, Length1=face.length1),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=Dictionary(
            Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
        ),
        CIDToGIDMap=Name.Identity,
        DW=0,
        W=Array([1, Array(face.advances)]),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=_packed(pdf, _to_unicode(face)),
        )
    )


def _packed(pdf: pikepdf.Pdf, data: bytes, **entries: int) -> Object:
    """A stream of data that zlib has compressed already."""
    made = pdf.make_stream(data, **entries)
    made.write(data, filter=Name.FlateDecode)
    return made


@cache
def _to_unicode(face: Face) -> bytes:
    """The /ToUnicode CMap of a face (9.10.3), compressed."""
    pairs = list(face.to_unicode.items())
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <FFFF>",
        "endcodespacerange",
    ]
    for start in range(0, len(pairs), _PAIRS):
        block = pairs[start : start + _PAIRS]
        lines.append(f"{len(block)} beginbfchar")
        lines.extend(
            f"<{glyph:04X}> <{text.encode('utf-16-be').hex().upper()}>" for glyph, text in block
        )
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return zlib.compress("\n".join(lines).encode(), 9)

"""Prepare the bundled fonts: run by a developer when a font changes, never at run time.

Splits Noto Sans, with the signs of Noto Sans Math, Noto Sans Symbols and Noto Sans Symbols 2 that
people write in a comment, into small faces (sfnt subsets, zlib-compressed as a PDF /FontFile2 wants
them), and writes a table for each weight: the characters of each face, their advances and its
metrics. Debian has the sources in its packages fonts-noto-core and fonts-noto-extra.

In a face every character has a glyph of its own, numbered by its rank from 1: two characters that
the font draws alike (a space and an unbreakable one) stay apart, so that the text read back from a
PDF is the text that was put there.

    python tools/make_fonts.py /usr/share/fonts/truetype/noto cqp_forms/fonts
"""

from __future__ import annotations

import copy
import io
import json
import sys
import unicodedata
import zlib
from pathlib import Path

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.reorderGlyphs import reorderGlyphs

WEIGHTS = ("Regular", "Bold")

#: What every face has, so that a name with its spaces, hyphens and marks stays in one face.
COMMON = [
    (0x0020, 0x007E),
    (0x00A0, 0x00A0),
    (0x00AB, 0x00AB),
    (0x00BB, 0x00BB),
    (0x0300, 0x036F),
    (0x2010, 0x2015),
    (0x2018, 0x201E),
    (0x2026, 0x2026),
    (0x202F, 0x202F),
]
LATIN = [
    *COMMON,
    (0x00A1, 0x017F),
    (0x0218, 0x021B),
    (0x02C6, 0x02DD),
    (0x2000, 0x200A),
    (0x2020, 0x2022),
    (0x2030, 0x203A),
    (0x2044, 0x2044),
    (0x20AC, 0x20AC),
    (0x2116, 0x2122),
    (0x2212, 0x2265),
    (0x25CA, 0x25CC),
]
VIETNAMESE = [
    *COMMON,
    (0x00C0, 0x017F),
    (0x01A0, 0x01A1),
    (0x01AF, 0x01B0),
    (0x1EA0, 0x1EF9),
    (0x20AB, 0x20AB),
]
GREEK = [*COMMON, (0x0370, 0x03FF), (0x1F00, 0x1FFF)]
CYRILLIC = [*COMMON, (0x0400, 0x052F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)]

#: Signs that a word processor puts in a comment by itself, or that a chemist writes, and that Noto
#: Sans has not. ``{}`` stands for the weight, where the font has both.
SIGNS = {
    "math": (
        "NotoSansMath-Regular.ttf",
        "→←↑↓↔⇒⇔≥≤≠≈≃≡√∞∑∆∂∫∓−∅∈∉∋∩∪⊂⊃⊆⊇⋅∘∙∝∥∦⊥∠∀∃∄∧∨⊕⊖⊗⊙⇌⇋⇄⇆⇀↼⟶⟵⟷⟹⟺⇐⇑⇓↕↗↘↙↖↦⇢∇∮∏∛∴∵≪≫≅≢∼≲≳⟂⦵∟",
    ),
    "symbols": (
        "NotoSansSymbols2-Regular.ttf",
        "✓✔✗✘☐☑☒▪▫■□▲►▼◄●○◆◇★☆➔➢➤◦☎✉⚠▶◀▷◁▸◂▹◃▻◅⬆⬇⬅➡✚✦✱✳❖⬤◉◎⚪⚫♦♥♠♣☢☣⚡⌘⏎✎✏✂☞☛",
    ),
    "technical": (
        "NotoSansSymbols-{}.ttf",
        "⌀⌬⏣⚗⚛♻♀♂⌂⏚①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳☺☹",
    ),
}

#: Scripts that need shaping: their glyphs set one after the other would not be readable.
SHAPED = [(0x0590, 0x109F), (0x1100, 0x1AAF), (0x1CD0, 0x1CFF), (0xA830, 0xABFF)]

#: Characters of the printable categories that show nothing, or show that a text was damaged.
UNSEEN = {0x034F, 0xFFFC, 0xFFFD, *range(0xFE00, 0xFE10)}
NOT_PRINTED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def within(code: int, ranges: list[tuple[int, int]]) -> bool:
    """Whether the character is in one of the ranges, bounds included."""
    return any(low <= code <= high for low, high in ranges)


def printable(code: int) -> bool:
    """Whether a reader sees the character, and the font alone can show it."""
    return (
        unicodedata.category(chr(code)) not in NOT_PRINTED
        and code not in UNSEEN
        and not within(code, SHAPED)
    )


def split(codes: set[int]) -> dict[str, list[int]]:
    """The characters of each face, in order."""
    faces = {
        "latin": [one for one in codes if within(one, LATIN)],
        "vietnamese": [one for one in codes if within(one, VIETNAMESE)],
        "greek": [one for one in codes if within(one, GREEK)],
        "cyrillic": [one for one in codes if within(one, CYRILLIC)],
    }
    taken = {one for chosen in faces.values() for one in chosen}
    common = {one for one in codes if within(one, [*COMMON, (0x00C0, 0x017F)])}
    faces["latin-ext"] = [*((codes - taken) | common)]
    return {key: sorted(chosen) for key, chosen in faces.items()}


def cut(path: Path, codes: list[int]) -> TTFont:
    """A font with these characters only; the glyph of the n-th one is number n."""
    options = subset.Options(
        hinting=False,
        layout_features=[],
        name_IDs=[],
        notdef_outline=True,
        glyph_names=False,
        drop_tables=[
            "GSUB",
            "GPOS",
            "GDEF",
            "OS/2",
            "name",
            "post",
            "DSIG",
            "gasp",
            "meta",
            "STAT",
        ],
    )
    font = TTFont(path, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    renumber(font, codes)
    return font


def renumber(font: TTFont, codes: list[int]) -> None:
    """Give each character its own glyph, in the characters' order, components last."""
    names = font.getBestCmap()
    glyphs, widths = font["glyf"], font["hmtx"]
    order, used = [".notdef"], {".notdef"}
    for code in codes:
        name = names[code]
        if name in used:
            twin = f"twin{code:04X}"
            glyphs[twin] = copy.deepcopy(glyphs[name])
            widths[twin] = widths[name]
            for table in font["cmap"].tables:
                if code in table.cmap:
                    table.cmap[code] = twin
            name = twin
        used.add(name)
        order.append(name)
    order.extend(one for one in font.getGlyphOrder() if one not in used)
    font.setGlyphOrder([*font.getGlyphOrder(), *(one for one in order if one.startswith("twin"))])
    glyphs.glyphOrder = font.getGlyphOrder()
    reorderGlyphs(font, order)


def stem(font: TTFont) -> int:
    """The thickness of an upright, for /StemV: that of a lower-case l."""
    glyphs = font.getGlyphSet()
    pen = BoundsPen(glyphs)
    glyphs[font.getBestCmap()[ord("l")]].draw(pen)
    return round(pen.bounds[2] - pen.bounds[0])


def write_face(source: Path, codes: list[int], target: Path) -> dict[str, object]:
    """Write the face, and give its line of the table."""
    font = cut(source, codes)
    head, names, widths = font["head"], font.getBestCmap(), font["hmtx"]
    scale = 1000 / head.unitsPerEm
    stream = io.BytesIO()
    font.save(stream, reorderTables=None)
    content = stream.getvalue()
    target.write_bytes(zlib.compress(content, 9))
    print(f"{target.name}: {len(codes)} characters, {len(content)} bytes")
    return {
        "font": source.stem,
        "chars": "".join(map(chr, codes)),
        "advances": [round(widths[names[one]][0] * scale) for one in codes],
        "length1": len(content),
        "bbox": [round(one * scale) for one in (head.xMin, head.yMin, head.xMax, head.yMax)],
    }


def main(source: Path, target: Path) -> None:
    """Write the faces of both weights, and their tables."""
    for weight in WEIGHTS:
        path = source / f"NotoSans-{weight}.ttf"
        whole = TTFont(path)
        scale = 1000 / whole["head"].unitsPerEm
        codes = {one for one in whole.getBestCmap() if printable(one)}
        wanted = {key: (path, chosen) for key, chosen in split(codes).items()}
        for key, (name, signs) in SIGNS.items():
            wanted[key] = (source / name.format(weight), sorted(set(map(ord, signs)) - codes))
        table = {
            "ascent": round(whole["hhea"].ascent * scale),
            "descent": round(whole["hhea"].descent * scale),
            "cap_height": round(whole["OS/2"].sCapHeight * scale),
            "italic_angle": 0,
            "stem_v": stem(whole),
            "faces": {
                key: write_face(font, chosen, target / f"NotoSans-{weight}-{key}.z")
                for key, (font, chosen) in wanted.items()
            },
        }
        text = json.dumps(table, separators=(",", ":"))
        (target / f"NotoSans-{weight}.json").write_text(text + "\n", "ascii", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

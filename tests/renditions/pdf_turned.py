"""The same renditions, handed over differently: turned and cropped, or compressed and locked."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf
from reportlab.lib.pagesizes import A4, landscape

from cqp_forms.guide import Guide
from cqp_forms.mapping import Rect
from renditions.pdf_flow import Rendition
from renditions.pdf_glyphs import Glyphs
from renditions.pdf_squares import Squares

_CORNER = (37.0, 61.0)


def turned(made: Rendition, angles: Sequence[int]) -> Rendition:
    """Turn the page's space under what a reader sees, which stays the same."""
    truth = dict(made.truth)
    with pikepdf.open(io.BytesIO(made.document)) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            angle = angles[(number - 1) % len(angles)]
            box = page.mediabox
            width, height = float(box[2]) - float(box[0]), float(box[3]) - float(box[1])
            matrix = _matrix(angle, width, height)
            turn = "{:.4f} {:.4f} {:.4f} {:.4f} {:.4f} {:.4f} cm".format(*matrix)
            page.contents_add(f"q {turn}\n".encode(), prepend=True)
            page.contents_add(b"\nQ")
            if angle in (90, 270):
                width, height = height, width
            x, y = _CORNER
            page.mediabox = [0, 0, x + width + 20, y + height + 10]
            page.cropbox = [x, y, x + width, y + height]
            page.obj.Rotate = angle
            for placement, (at, rect) in made.truth.items():
                if at == number:
                    truth[placement] = (at, _moved(rect, matrix))
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return Rendition(made.name, out.getvalue(), truth)


def _matrix(angle: int, width: float, height: float) -> tuple[float, ...]:
    x, y = _CORNER
    return {
        0: (1, 0, 0, 1, x, y),
        90: (0, 1, -1, 0, x + height, y),
        180: (-1, 0, 0, -1, x + width, y + height),
        270: (0, -1, 1, 0, x, y + width),
    }[angle]


def _moved(rect: Rect, matrix: Sequence[float]) -> Rect:
    a, b, c, d, e, f = matrix
    xs, ys = zip(
        *(
            (a * x + c * y + e, b * x + d * y + f)
            for x, y in ((rect.x0, rect.y0), (rect.x1, rect.y1))
        ),
        strict=True,
    )
    return Rect(min(xs), min(ys), max(xs), max(ys))


class _Landscape(Squares):
    name = "turned"
    size = landscape(A4)


def turned_pages(guide: Guide) -> Rendition:
    """Landscape pages, each turned another way, with a crop box away from the origin."""
    return turned(_Landscape(guide).build(), (90, 270, 180, 0))


def locked(guide: Guide) -> Rendition:
    """Objects in streams; anyone may open it, only the owner may change it."""
    made = Glyphs(guide).build()
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made.document)) as pdf:
        pdf.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            encryption=pikepdf.Encryption(owner="secret", user="", R=6),
        )
    return Rendition("locked", out.getvalue(), made.truth)

"""Plans, editions and looks at documents, for tests of stamping and reading."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO

import pikepdf
import pypdfium2
from PIL.Image import Image
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.guide import FieldKind, Guide, PlacementKind
from cqp_forms.mapping import Rect
from cqp_forms.plan import Edition, Instruction, LeaveBlank, Plan, Stage, Text, Tick

ZONE = timezone(timedelta(hours=1))
EDITION = Edition("Guide d’évaluation – Élodie Nguyễn", datetime(2026, 11, 24, 10, 5, tzinfo=ZONE))

EDITIONS = {
    "plain": EDITION,
    "draft": replace(EDITION, stage=Stage.DRAFT),
    "payload": replace(EDITION, payload=b'{"a": 1}', author="Secrétariat CPNE"),
    "version 2": replace(
        EDITION,
        cover_note="Version 2 – annule et remplace la version 1 du 23/11/2026 – motif : erreur",
        margin_note="Version 2 – annule et remplace la version 1 du 23/11/2026",
    ),
}


#: Pixels a point of :func:`rendered`.
SCALE = 4.0

NAMES = (
    "Nguyễn Thị Ánh",
    "Příliš Žluťoučký",
    "Gökçe Şahin İĞDIR",
    "Łukasz Żółć",
    "Γιώργος Παπαδόπουλος",
    "Юлия Щербакова",
    "Œuvre d’été – « ça »",
)

HOSTILE = (
    "<b>&amp;</b>",
    "=1+1",
    "{{x}}",
    "a\\nb (c) \\( [d] /N %e",
    "%PDF-1.7 endstream endobj",
    "(suite en annexe 1, page 3)",
    "… (voir annexe 1)",
    "Annexe 1 – titre",
    "_____ ..... …",
    "BROUILLON",
)


def plan_of(
    guide: Guide,
    ticked: frozenset[str] = frozenset(),
    texts: Mapping[str, str] | None = None,
) -> Plan:
    """A plan: the given boxes ticked, the given texts set, by placement."""
    instructions: dict[str, Instruction] = {}
    for key, placement in guide.placements.items():
        match placement.kind:
            case PlacementKind.TICK_BOX:
                instructions[key] = Tick(key in ticked)
            case PlacementKind.TEXT_AREA:
                instructions[key] = Text((texts or {}).get(key, ""))
            case PlacementKind.SIGNATURE_AREA:
                instructions[key] = LeaveBlank.SIGN
    return Plan(instructions)


def random_plan(guide: Guide, seed: int, long: int = 300) -> Plan:
    """A plan drawn from a seed, every text set; comments of about ``long`` characters."""
    draw = random.Random(seed)
    ticked = frozenset(
        one.id for one in guide.placements_of(PlacementKind.TICK_BOX) if draw.random() < 0.5
    )
    texts = {}
    for one in guide.placements_of(PlacementKind.TEXT_AREA):
        kind = guide.fields[one.field_id].kind
        if kind is FieldKind.DATE:
            texts[one.id] = "23/11/2026"
        elif kind is FieldKind.LONG_TEXT:
            words = [draw.choice(("œuvre", "l’accueil", "à", "suivre,\n", "très", "Ελλάδα"))
                     for _ in range(long // 5)]  # fmt: skip
            texts[one.id] = " ".join(words).replace(" \n", "\n").replace("\n ", "\n").strip()
        else:
            texts[one.id] = draw.choice(NAMES)
    return plan_of(guide, ticked, texts)


def opened(document: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(document))


def changed(document: bytes, change: Callable[[pikepdf.Pdf], None], **save: object) -> bytes:
    buffer = BytesIO()
    with opened(document) as pdf:
        change(pdf)
        pdf.save(buffer, **save)  # type: ignore[arg-type]
    return buffer.getvalue()


def rendered(document: bytes, *, forms: bool = False) -> list[Image]:
    pages = []
    with pypdfium2.PdfDocument(document) as pdf:
        if forms:
            pdf.init_forms()
        for number in range(len(pdf)):
            image = pdf[number].render(scale=SCALE, grayscale=True).to_pil()
            pages.append(image)
    return pages


def dark(image: Image, rect: Rect, inset: float) -> int:
    """How many dark pixels are in a rectangle, its edges left out."""
    height = image.height
    box = (
        int((rect.x0 + inset) * SCALE),
        int(height - (rect.y1 - inset) * SCALE),
        int((rect.x1 - inset) * SCALE),
        int(height - (rect.y0 + inset) * SCALE),
    )
    histogram = image.crop(box).histogram()
    return int(sum(histogram[:140]))


def page_text(document: bytes, number: int) -> str:
    with pypdfium2.PdfDocument(document) as pdf:
        return str(pdf[number].get_textpage().get_text_range())


def page_count(document: bytes) -> int:
    with opened(document) as pdf:
        return len(pdf.pages)


def drawn_page(*draws: Callable[[Canvas], None], size: tuple[float, float] = (595, 842)) -> bytes:
    """A page in Helvetica 10 on which each function has drawn."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1)
    canvas.setFont("Helvetica", 10)
    for draw in draws:
        draw(canvas)
    canvas.showPage()
    canvas.save()
    return out.getvalue()

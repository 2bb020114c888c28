"""Real documents of the real guide, and ways to tamper with them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.formats import PreparedBlank, prepare_blank
from cqp_forms.guide import FieldKind
from cqp_forms.issuing.naming import person
from cqp_forms.issuing.version import Version, payload
from cqp_forms.mapping import Format, Rect
from cqp_forms.plan import Edition, Finish, Stage, Trail, make_plan
from cqp_forms.project import Blank, Project, installed_data
from cqp_forms.rules import unsettled

PROJECT = Project((installed_data(),))
GUIDE = PROJECT.guide()
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTE = "Version 2 – annule et remplace la version 1 du 20/11/2026"
REASON = "critère mal lu"

#: A document of each kind: the format, and for PDF whether its fields stay.
KINDS = (
    (Format.DOCX, Finish.FLAT),
    (Format.PDF, Finish.FLAT),
    (Format.PDF, Finish.EDITABLE),
)
KIND_NAMES = ("docx", "flat", "editable")


@cache
def blank(kind: Format) -> Blank:
    return PROJECT.blank(GUIDE, kind)


@cache
def prepared(kind: Format, fields: Finish = Finish.FLAT) -> PreparedBlank:
    return prepare_blank(GUIDE, blank(kind), fields)


def fiche(**changes: Value | None) -> Answers:
    """A fiche in order: all OUI but ``c1.1.2``, which is NA. ``None`` empties a field."""
    found: dict[str, Answer] = {}
    for field in GUIDE.fields.values():
        match field.kind:
            case FieldKind.CRITERION:
                found[field.id] = Answer(Verdict.OUI)
            case FieldKind.RESULT:
                found[field.id] = Answer(Result.MAITRISEE)
            case FieldKind.DATE:
                found[field.id] = Answer(date(2026, 11, 3))
            case FieldKind.TEXT | FieldKind.LONG_TEXT:
                found[field.id] = Answer(f"Texte de {field.id}")
            case _:
                pass
    found["c1.1.2"] = Answer(Verdict.NA, "Sans objet dans ce secteur.")
    found["dossier.reference"] = Answer("D-7")
    for key, value in changes.items():
        name = key.replace("__", ".")
        found.pop(name, None)
        if value is not None:
            found[name] = Answer(value)
    return Answers(found, name="fiche.xlsx")


class Embed(Enum):
    """Whether a document carries its answers."""

    YES = "yes"
    NO = "no"


@cache
def document(
    answers: Answers,
    kind: Format,
    fields: Finish = Finish.FLAT,
    embed: Embed = Embed.YES,
    number: int = 1,
) -> bytes:
    """An issued document; number 0 is a draft, 2 a corrected version."""
    one = prepared(kind, fields)
    version = Version.of(
        GUIDE,
        person(GUIDE, answers),
        answers.canonical_json(),
        number=number,
        issued_at=NOON,
        program="1.0.0",
        issuer="",
        reason=REASON if number > 1 else "",
    )
    carried = payload(version, one.blank_sha256, one.mapping_sha256)
    trail = Trail(Stage.ISSUED if number else Stage.DRAFT, number)
    if number > 1:
        trail = Trail(Stage.ISSUED, number, 1, date(2026, 11, 20), REASON)
    edition = Edition.of(
        trail,
        title=f"{GUIDE.tool} – {GUIDE.title} – {version.candidate}",
        issued_at=NOON,
        payload=carried if embed is Embed.YES else None,
        # A draft is marked from its answers, where it carries them.
        unsettled=unsettled(GUIDE, answers) if embed is Embed.YES else (),
    )
    return one.stamper.stamp(make_plan(GUIDE, answers), edition)


def edit_docx(
    content: bytes, change: Callable[[str], str], part: str = "word/document.xml"
) -> bytes:
    """The same archive, the XML of one part changed; the change must change something."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                before = data.decode()
                after = change(before)
                assert after != before
                data = after.encode()
            target.writestr(name, data)
    return out.getvalue()


def set_box(xml: str, placement: str, on: bool) -> str:
    """Tick or untick a box as Word does: its flag and its sign."""
    start = xml.index(f'w:tag w:val="{placement}"')
    end = xml.index("</w:sdt>", start)
    control = xml[start:end]
    control = re.sub(r'(w14:checked [^>]*w14:val=)"."', rf'\1"{int(on)}"', control, count=1)
    control = re.sub("[☐☒]", "☒" if on else "☐", control)
    return xml[:start] + control + xml[end:]


def edit_pdf(content: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """The same document, changed."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        pdf.save(out)
    return out.getvalue()


def draw(page: int, operators: str) -> Callable[[pikepdf.Pdf], None]:
    """Paint something over a page (from 1)."""

    def change(pdf: pikepdf.Pdf) -> None:
        pdf.pages[page - 1].contents_add(f"q {operators} Q".encode())

    return change


def annotate(page: int, kind: str, rect: Rect, text: str) -> Callable[[pikepdf.Pdf], None]:
    """Put an annotation on a page, with an appearance that shows a white box."""

    def change(pdf: pikepdf.Pdf) -> None:
        look = pdf.make_stream(b"1 g 0 0 %d %d re f" % (rect.width, rect.height))
        look.Type, look.Subtype = Name.XObject, Name.Form
        look.BBox = Array([0, 0, rect.width, rect.height])
        one = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name("/" + kind),
                Rect=Array([rect.x0, rect.y0, rect.x1, rect.y1]),
                Contents=String(text),
                AP=Dictionary(N=look),
            )
        )
        target = pdf.pages[page - 1].obj
        target.Annots = Array([*target.get(Name.Annots, []), one])

    return change


def box(placement: str) -> tuple[int, Rect]:
    """The page and the rectangle of a placement in the PDF."""
    locator = blank(Format.PDF).mapping.locators[placement]
    return locator.page, locator.rect  # type: ignore[union-attr]


def cross(placement: str) -> Callable[[pikepdf.Pdf], None]:
    """Cross a box with a pen."""
    page, one = box(placement)
    return draw(
        page,
        f"1 w 0 G {one.x0 + 2} {one.y0 + 2} m {one.x1 - 2} {one.y1 - 2} l "
        f"{one.x0 + 2} {one.y1 - 2} m {one.x1 - 2} {one.y0 + 2} l S",
    )


def widget(pdf: pikepdf.Pdf, placement: str) -> pikepdf.Object:
    """The form field's widget of a placement, by its place."""
    page, rect = box(placement)
    for one in pdf.pages[page - 1].obj.get(Name.Annots, []):
        x0, y0, x1, y1 = (float(value) for value in one.Rect)
        if rect.contains((x0 + x1) / 2, (y0 + y1) / 2):
            return one
    raise KeyError(placement)


def holder(one: pikepdf.Object) -> pikepdf.Object:
    """The dictionary that holds a widget's value: its field, which may have other widgets."""
    return one if Name.T in one else one.Parent

"""Small hand-made documents and one-field guides, for tests of each kind of placement."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree

from cqp_forms.docx import wml
from cqp_forms.docx.read import read
from cqp_forms.docx.stamp import DocxStamper
from cqp_forms.guide import Field, FieldGroup, FieldKind, Guide, PlacementKind, Section
from cqp_forms.mapping import DocumentMapping, DocxKind, DocxLocator, DocxMapping, Format
from cqp_forms.plan import Edition, LeaveBlank, Plan, Text, Tick
from cqp_forms.shown import Mark

EDITION = Edition("Essai", datetime(2026, 3, 14, 9, 30, tzinfo=UTC), author="Secrétariat")

NAMES = (
    f'xmlns:w="{wml.W}" xmlns:w14="{wml.W14}" xmlns:mc="{wml.MC}" xmlns:wp="{wml.WP}" '
    f'xmlns:wps="{wml.WPS}" xmlns:a="{wml.A}" xmlns:v="{wml.V}" xmlns:r="{wml.R}"'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def relationships(*targets: tuple[str, str]) -> str:
    inside = "".join(
        f'<Relationship Id="rId{rank}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for rank, (kind, target) in enumerate(targets, start=1)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{inside}</Relationships>'


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return buffer.getvalue()


def document(body: str, namespaces: str = NAMES, **more: str) -> bytes:
    """A DOCX with that body; ``more`` parts by name, ``__`` for the slash."""
    return archive(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": relationships(("officeDocument", "word/document.xml")),
            "word/document.xml": f"<w:document {namespaces}><w:body>{body}</w:body></w:document>",
            **{name.replace("__", "/"): content for name, content in more.items()},
        }
    )


def guide_of(**fields: FieldKind) -> Guide:
    """A guide with these fields, one placement each."""
    group = FieldGroup(
        "Groupe", tuple(Field(key, kind, key, "Groupe", "F") for key, kind in fields.items())
    )
    return Guide("essai", "", "E", "Essai", "", "fr-FR", "", (), 2, (Section("F", "F", (group,)),))


def mapping_of(
    **places: tuple[DocxKind, str] | tuple[DocxKind, str, int] | DocxLocator,
) -> DocxMapping:
    locators = {}
    for key, place in places.items():
        if isinstance(place, DocxLocator):
            locators[key] = place
        else:
            kind, target, *offset = place
            locators[key] = DocxLocator(kind, target, offset=int(offset[0]) if offset else 0)
    return DocumentMapping("essai", Format.DOCX, "essai.docx", "0" * 64, locators)


def plan_of(guide: Guide, **values: bool | str) -> Plan:
    """A plan; what is not given is off, or empty."""
    made: dict[str, Tick | Text | LeaveBlank] = {}
    for key, placement in guide.placements.items():
        value = values.get(key)
        if placement.kind is PlacementKind.TICK_BOX:
            made[key] = Tick(bool(value))
        elif placement.kind is PlacementKind.TEXT_AREA:
            made[key] = Text(str(value or ""))
        else:
            made[key] = LeaveBlank.SIGN
    return Plan(made)


def part(content: bytes, name: str = "word/document.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return made.read(name).decode()


def root(content: bytes, name: str = "word/document.xml") -> etree._Element:
    return etree.fromstring(part(content, name).encode())


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


def with_part(content: bytes, name: str, new: str) -> bytes:
    return archive({**members(content), name: new})


def shown_text(content: bytes, name: str = "word/document.xml") -> str:
    return "".join(one.text or "" for one in wml.all_words(root(content, name), "t"))


def ticked(body: str, kind: DocxKind, target: str, offset: int = 0) -> tuple[bytes, bytes]:
    """The body stamped unticked and ticked."""
    guide, mapping = guide_of(a=FieldKind.TICK), mapping_of(a=(kind, target, offset))
    stamper = DocxStamper(document(body), mapping, guide)
    made = [stamper.stamp(plan_of(guide, a=on), EDITION) for on in (False, True)]
    marks = [read(one, mapping, guide, document(body)).ticks["a"] for one in made]
    assert marks == [Mark.OFF, Mark.ON]
    return made[0], made[1]


def written(
    body: str, kind: DocxKind, target: str, text: str, offset: int = 0
) -> tuple[bytes, bytes]:
    """The body stamped empty and with a text."""
    guide, mapping = guide_of(a=FieldKind.TEXT), mapping_of(a=(kind, target, offset))
    stamper = DocxStamper(document(body), mapping, guide)
    made = [stamper.stamp(plan_of(guide, a=one), EDITION) for one in ("", text)]
    shown = [read(one, mapping, guide, document(body)).texts["a"] for one in made]
    assert shown == ["", text]
    return made[0], made[1]

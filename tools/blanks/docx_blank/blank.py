"""Build a guide's blank DOCX from its text, with the mapping of what was built."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.docx.wml import qn
from cqp_forms.errors import GuideError
from cqp_forms.guide import Guide
from cqp_forms.mapping import DocumentMapping, DocxKind, DocxLocator, DocxMapping, Format
from docx_blank.blocks import body
from docx_blank.controls import Controls
from docx_blank.look import MARGIN, PAGE_HEIGHT, PAGE_WIDTH
from docx_blank.parts import FIRST_FOOTER, FIRST_HEADER, FOOTER, HEADER, package
from docx_blank.xml import el, root

if TYPE_CHECKING:
    from docx.package import Package
    from lxml.etree import _Element as Element


@dataclass(frozen=True, slots=True)
class Built:
    """A blank.

    Attributes:
        content: the DOCX file; the same guide always gives the same bytes.
        mapping: every placement's control, by its tag.
    """

    content: bytes
    mapping: DocxMapping


def build(guide: Guide) -> Built:
    """Build the blank.

    Args:
        guide: a guide whose ``document`` lays out each of its printed fields once.

    Raises:
        GuideError: a field of the guide is laid out nowhere, or more often than it has areas.
    """
    if not guide.document:
        raise GuideError(
            f"le guide « {guide.id} » n’a pas de texte à mettre en page.",
            remedy="Donnez la clé « document » de guide.yaml, ou apportez le document du guide.",
        )
    controls = Controls(guide)
    document = root(
        "document", el("body", *body(guide, controls), _section()), prefixes=("w", "w14", "r", "mc")
    )
    if controls.missing:
        raise GuideError(
            f"ces emplacements ne sont mis en page nulle part : {', '.join(controls.missing[:8])}.",
            where=guide.id,
            remedy="Ajoutez leur champ à un bloc de la clé « document » de guide.yaml.",
        )
    content = _saved(package(guide, document))
    return Built(content, _mapping(guide, content))


def _section() -> Element:
    references = []
    for name, kind, id_ in (
        ("headerReference", "default", HEADER),
        ("headerReference", "first", FIRST_HEADER),
        ("footerReference", "default", FOOTER),
        ("footerReference", "first", FIRST_FOOTER),
    ):
        reference = el(name, type_=kind)
        reference.set(qn("r:id"), id_)
        references.append(reference)
    return el(
        "sectPr",
        *references,
        el("pgSz", w=PAGE_WIDTH, h=PAGE_HEIGHT),
        el(
            "pgMar",
            top=MARGIN,
            right=MARGIN,
            bottom=MARGIN,
            left=MARGIN,
            header=567,
            footer=510,
            gutter=0,
        ),
        el("titlePg"),
    )


def _saved(made: Package) -> bytes:
    first, second = io.BytesIO(), io.BytesIO()
    made.save(first)
    with (
        zipfile.ZipFile(first) as source,
        zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
    ):
        for name in source.namelist():
            # A fixed date and origin: the bytes depend on the guide alone.
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 0
            target.writestr(member, source.read(name))
    return second.getvalue()


def _mapping(guide: Guide, content: bytes) -> DocxMapping:
    return DocumentMapping(
        guide=guide.id,
        format=Format.DOCX,
        document=f"{guide.id}.docx",
        sha256=hashlib.sha256(content).hexdigest(),
        locators={one: DocxLocator(DocxKind.CONTROL, one) for one in guide.placements},
    )

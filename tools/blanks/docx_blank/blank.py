"""Build a guide's blank DOCX from its text, with the mapping of what was built."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cqp_forms.errors import GuideError
from cqp_forms.guide import Guide
from cqp_forms.mapping import DocumentMapping, DocxKind, DocxLocator, DocxMapping, Format
from docx_blank.blocks import body
from docx_blank.controls import Controls
from docx_blank.parts import body_section, package
from docx_blank.xml import el, root

if TYPE_CHECKING:
    from docx.package import Package


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
        "document",
        el("body", *body(guide, controls), body_section()),
        prefixes=("w", "w14", "r", "mc"),
    )
    if controls.missing:
        raise GuideError(
            f"ces emplacements ne sont mis en page nulle part : {', '.join(controls.missing[:8])}.",
            where=guide.id,
            remedy="Ajoutez leur champ à un bloc de la clé « document » de guide.yaml.",
        )
    content = _saved(package(guide, document))
    return Built(content, _mapping(guide, content))


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

"""Small documents for detection, and what is found in them, in short."""

from __future__ import annotations

import io
import zipfile

from renditions.docx_base import (
    DOCUMENT_TYPE,
    NAMESPACES,
    Place,
    package,
)

from cqp_forms.docx.detect import detect
from cqp_forms.mapping import Detected, DocxLocator

CHECKBOX = '<w14:checkbox><w14:checked w14:val="{}"/></w14:checkbox>'


def document(body: str) -> bytes:
    xml = f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>".encode()
    return package(xml, "", DOCUMENT_TYPE, strict=False)


def found_in(body: str) -> tuple[Detected, ...]:
    return detect(document(body))


def with_parts(document: bytes, parts: dict[str, str]) -> bytes:
    """The same document with zip members replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, text in parts.items():
            new.writestr(name, text)
    return target.getvalue()


def place(one: Detected) -> Place:
    assert isinstance(one.locator, DocxLocator)
    return Place(one.locator.kind, one.locator.target, one.locator.offset)


def summary(found: tuple[Detected, ...]) -> list[tuple[str, str, str]]:
    return [(str(one.locator.kind), one.label, one.column) for one in found]


def control(properties: str, inside: str) -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inside}</w:sdtContent></w:sdt>"


def legacy(data: str, name: str = "FORMCHECKBOX", result: str = "") -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
        f"<w:r><w:instrText> {name} </w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )

"""Packages that no program should trust: each is refused with a message, whatever the reader."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx_samples import archive, document, members, with_part

from cqp_forms import limits
from cqp_forms.docx.opc import open_package
from cqp_forms.errors import DocumentError, ExitCode

MAIN = "word/document.xml"
BODY = document("<w:p/>")


def twice(name: str) -> bytes:
    out = io.BytesIO(BODY)
    with zipfile.ZipFile(out, "a") as target:
        target.writestr(name, "<x/>")
    return out.getvalue()


def packed(method: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as target:
        for name, content in members(BODY).items():
            target.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (twice("word/Document.xml"), "deux fois"),
        (packed(zipfile.ZIP_LZMA), "compressée"),
        (packed(zipfile.ZIP_BZIP2), "compressée"),
        (with_part(BODY, MAIN, "<!DOCTYPE w:document><w:document/>"), "DOCTYPE"),
        (with_part(BODY, MAIN, "<a>" * 2000 + "</a>" * 2000), "XML valable"),
        (archive({**members(BODY), "_rels/.rels": "<Relationships/>"}), "pas un document Word"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_a_package_must_not_have_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(DocumentError, match=words) as refused:
        _ = open_package(content).main
    assert refused.value.exit_code is ExitCode.DOCUMENT
    assert refused.value.remedy


def test_a_part_that_is_too_large_is_not_parsed() -> None:
    content = with_part(BODY, MAIN, f"<a>{'0123456789abcdef' * (limits.DOCX_PART_BYTES // 16)}</a>")
    with pytest.raises(DocumentError, match="volumineu"):
        _ = open_package(content).main

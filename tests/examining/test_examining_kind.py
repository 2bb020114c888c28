"""What a file is, told by its content."""

from __future__ import annotations

from pathlib import Path

import pytest
from examining_tools import blank, fiche

from cqp_forms.errors import DocumentError, ExitCode
from cqp_forms.examine import format_at
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format
from cqp_forms.workbook.write import fiche_bytes


def test_content_counts_not_the_name(guide: Guide, tmp_path: Path) -> None:
    contents = {
        Format.DOCX: blank(Format.DOCX).content,
        Format.PDF: blank(Format.PDF).content,
        None: fiche_bytes(guide, fiche()),
    }
    for kind, content in contents.items():
        for suffix in (".docx", ".pdf", ".xlsx", ".bin", ""):
            path = tmp_path / f"a{suffix}"
            path.write_bytes(content)
            assert format_at(path) is kind


def test_a_pdf_may_begin_with_something_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\n\n" + blank(Format.PDF).content)
    assert format_at(path) is Format.PDF


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.docx", Format.DOCX), ("a.doc", Format.DOCX), ("a.xlsx", None), ("a.PDF", Format.PDF)],
)
def test_a_damaged_file_counts_for_what_its_name_says(
    tmp_path: Path, name: str, kind: Format | None
) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 cut short")
    assert format_at(path) is kind


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n"])
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match="ni une fiche") as refused:
        format_at(path)
    assert refused.value.exit_code is ExitCode.DOCUMENT
    assert refused.value.where == str(path)


def test_a_missing_file_and_a_folder_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="n’existe pas"):
        format_at(tmp_path / "a.docx")
    with pytest.raises(DocumentError, match="c’est un dossier"):
        format_at(tmp_path)

"""What a file is, told by its content."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest
from examining_tools import blank, fiche

from cqp_forms.errors import DocumentError, ExitCode
from cqp_forms.guide import Guide
from cqp_forms.mapping import Format
from cqp_forms.opened_file import format_at, read_file
from cqp_forms.workbook.write import fiche_bytes


def test_content_counts_not_the_name(guide: Guide, tmp_path: Path) -> None:
    contents = {
        Format.DOCX: blank(Format.DOCX).content,
        Format.PDF: blank(Format.PDF).content,
        None: fiche_bytes(guide, fiche()),
    }
    for kind, content in contents.items():
        for suffix in (".docx", ".pdf", ".xlsx", ".bin", ""):
            assert format_at(tmp_path / f"a{suffix}", content) is kind


def test_a_pdf_may_begin_with_something_else(tmp_path: Path) -> None:
    content = b"\n\n" + blank(Format.PDF).content
    assert format_at(tmp_path / "a", content) is Format.PDF


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.docx", Format.DOCX), ("a.doc", Format.DOCX), ("a.xlsx", None), ("a.PDF", Format.PDF)],
)
def test_a_damaged_file_counts_for_what_its_name_says(
    tmp_path: Path, name: str, kind: Format | None
) -> None:
    assert format_at(tmp_path / name, b"PK\x03\x04 cut short") is kind


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n"])
def test_anything_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    with pytest.raises(DocumentError, match="ni une fiche") as refused:
        format_at(path, content)
    assert refused.value.exit_code is ExitCode.DOCUMENT
    assert refused.value.where == str(path)


def test_a_missing_file_and_a_folder_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="n’existe pas"):
        read_file(tmp_path / "a.docx", ExitStack())
    with pytest.raises(DocumentError, match="c’est un dossier"):
        read_file(tmp_path, ExitStack())

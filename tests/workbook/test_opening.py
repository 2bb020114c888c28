"""The door to a workbook’s file: what is refused, in which words, and nothing else gets out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from workbook_tools import MAIN, changed, raw_xlsx, text_cell, worksheet

from cqp_forms import limits
from cqp_forms.answers import Source
from cqp_forms.errors import AnswersError, ExitCode
from cqp_forms.guide import Guide
from cqp_forms.workbook.opening import guide_of, open_workbook
from cqp_forms.workbook.read import read_fiche, read_workbook
from cqp_forms.workbook.write import lot_bytes


def plain_zip(names: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return target.getvalue()


CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

UNHAPPY: dict[str, tuple[str, Callable[[Guide], bytes], str]] = {
    "empty": ("f.xlsx", lambda _: b"", "0 octet"),
    "old Word": ("f.xls", lambda _: CFB + b"\0" * 600, "pas un classeur"),
    "damaged xls": (
        "f.xls",
        lambda _: CFB + b"\0" * 600 + "Workbook\0".encode("utf-16-le"),
        "illisible",
    ),
    "html": ("f.xls", lambda _: b"\xef\xbb\xbf <html><table>", "page web"),
    "password": (
        "f.xlsx",
        lambda _: CFB + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "mot de passe",
    ),
    "csv": ("f.csv", lambda _: b"Champ;R\xe9ponse\n", "fichier texte"),
    "noise": ("f.xlsx", lambda _: b"n'importe quoi", "pas un classeur"),
    "ods": (
        "f.ods",
        lambda _: plain_zip(
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b""}
        ),
        "illisible",
    ),
    "odt": (
        "f.ods",
        lambda _: plain_zip(
            {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b""}
        ),
        "OpenDocument",
    ),
    "numbers": ("f.numbers", lambda _: plain_zip({"Index/Document.iwa": b""}), "Numbers"),
    "docx": (
        "f.xlsx",
        lambda _: plain_zip({"_rels/.rels": b"<a/>", "word/document.xml": b"<a/>"}),
        "pas un classeur",
    ),
    "xlsb": (
        "f.xlsb",
        lambda _: plain_zip({"_rels/.rels": b"<a/>", "xl/workbook.bin": b""}),
        "illisible",
    ),
    "zip": ("f.xlsx", lambda _: plain_zip({"lisez-moi.txt": b"bonjour"}), "archive zip"),
    "cut short": ("f.xlsx", lambda guide: lot_bytes(guide)[:5000], "endommagé"),
    "no parts": (
        "f.xlsx",
        lambda _: plain_zip({"_rels/.rels": b"<a/>", "xl/workbook.xml": b"<a/>"}),
        "endommagé",
    ),
}


@pytest.mark.parametrize("case", UNHAPPY)
def test_what_is_no_workbook_is_refused_in_its_own_words(
    case: str, guide: Guide, tmp_path: Path
) -> None:
    name, make, message = UNHAPPY[case]
    path = tmp_path / name
    path.write_bytes(make(guide))
    with pytest.raises(AnswersError, match=message) as caught:
        list(read_workbook(path, guide))
    assert caught.value.exit_code is ExitCode.ANSWERS
    assert caught.value.where == str(path)
    assert caught.value.remedy


def test_paths_that_are_no_files(guide: Guide, tmp_path: Path) -> None:
    (tmp_path / "~$f.xlsx").write_bytes(b"\0" * 165)
    for path, message in (
        (tmp_path / "rien.xlsx", "n’existe pas"),
        (tmp_path, "dossier"),
        (tmp_path / "~$f.xlsx", "verrou"),
        (tmp_path / "f.xlsx" / "g.xlsx", "pas"),
    ):
        with pytest.raises(AnswersError, match=message):
            list(read_workbook(path, guide))


def test_workbooks_without_answers(guide: Guide, tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "vide.xlsx")
    with pytest.raises(AnswersError, match="vide"):
        read_fiche(tmp_path / "vide.xlsx", guide)
    book = openpyxl.Workbook()
    book.active.append(["Nom", "Réponse"])
    path = tmp_path / "autre.xlsx"
    book.save(path)
    with pytest.raises(AnswersError, match="en-tête") as caught:
        read_fiche(path, guide)
    assert "cqp-forms new" in caught.value.remedy


def test_a_fiche_and_a_lot_in_one_workbook_is_not_guessed(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    book = openpyxl.load_workbook(path)
    book.create_sheet("Lot").append(["candidat.nom", "c1.1.1"])
    book.save(path)
    with pytest.raises(AnswersError, match="à la fois une fiche"):
        list(read_workbook(path, guide))


def sheet_replaced(path: Path, content: bytes) -> Path:
    """The same package with another first worksheet."""
    raw_xlsx(path, {"F": ""})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = content
    path.write_bytes(plain_zip(parts))
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"<worksheet><sheetData><row r='1'><c r='A1'>",
        worksheet("<row r='1'/>").encode().replace(b"</sheetData></worksheet>", b""),
        b"<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>" + worksheet("").encode()[56:],
        worksheet('<row r="1"><c r="A1" t="s"><v>5</v></c></row>').encode(),
        worksheet('<row r="1"><c r="A1" s="9"><v>5</v></c></row>').encode(),
        worksheet('<row r="1"><c r="A1" t="inlineStr"><is><t>é</t></is></c></row>').encode(
            "latin-1"
        ),
    ],
)
def test_damaged_sheets(content: bytes, guide: Guide, tmp_path: Path) -> None:
    with pytest.raises(AnswersError, match="endommagé"):
        list(read_workbook(sheet_replaced(tmp_path / "f.xlsx", content), guide))


def test_a_zip_bomb_is_refused_before_it_is_inflated(guide: Guide, tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": ""}, strings="<si/>")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            if name == "xl/sharedStrings.xml":
                with archive.open(name, "w", force_zip64=True) as stream:
                    for _ in range(140):
                        stream.write(b" " * (1 << 20))
            else:
                archive.writestr(name, content)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(AnswersError, match="démesurée"):
        list(read_workbook(path, guide))


def test_prefixed_names_utf16_and_missing_references_are_legal(
    guide: Guide, tmp_path: Path
) -> None:
    rows = (
        '<x:row><x:c t="inlineStr"><x:is><x:t>Champ</x:t></x:is></x:c>'
        '<x:c t="inlineStr"><x:is><x:t>Réponse</x:t></x:is></x:c></x:row>'
        '<x:row><x:c t="inlineStr"><x:is><x:t>c1.1.1</x:t></x:is></x:c>'
        "<x:c><x:v>1</x:v></x:c></x:row>"
    )
    xml = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    for content in (
        xml.encode(),
        f'<?xml version="1.0" encoding="UTF-16"?>{xml}'.encode("utf-16"),
        xml.replace("x:", "").replace("xmlns:x", "xmlns").encode(),
    ):
        candidate = read_fiche(sheet_replaced(tmp_path / "f.xlsx", content), guide)
        assert candidate.answers.canonical() == {"c1.1.1": "OUI"}
        assert candidate.answers.source("c1.1.1") == Source("F", "B2")


# -------------------------------------------------------------------------------- bounded


def test_many_shared_strings_are_refused(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SHARED_STRINGS", 1000)
    row = '<row r="1"><c r="A1" t="s"><v>1</v></c></row>'
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": row}, strings="<si/>" * 100_000)
    with pytest.raises(AnswersError, match="trop de textes"):
        list(read_workbook(path, guide))


@pytest.mark.parametrize("limit", ["SHEET_ELEMENTS", "SHEET_ROWS", "SHEET_BYTES"])
def test_a_sheet_beyond_its_limit_is_refused(
    limit: str, guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, limit, 1000)
    rows = "".join(f'<row r="{n % 900 + 1}"/>' for n in range(9000))
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": rows})
    with pytest.raises(AnswersError, match="démesurée"):
        list(read_workbook(path, guide))


def test_sheets_are_bounded_together(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = raw_xlsx(tmp_path / "f.xlsx", dict.fromkeys("ABCDEF", "<row/>" * 100))
    monkeypatch.setattr(limits, "SHEET_BYTES", 3000)
    with pytest.raises(AnswersError, match="démesurées"):
        list(read_workbook(path, guide))
    monkeypatch.setattr(limits, "SHEETS", 5)
    with pytest.raises(AnswersError, match="trop de feuilles"):
        list(read_workbook(path, guide))


def test_an_outsize_file_or_one_of_many_members_is_refused(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": ""})
    monkeypatch.setattr(limits, "WORKBOOK_MEMBERS", 3)
    with pytest.raises(AnswersError, match="trop de parties"):
        list(read_workbook(path, guide))
    monkeypatch.setattr(limits, "WORKBOOK_BYTES", 100)
    with pytest.raises(AnswersError, match="démesuré"):
        list(read_workbook(path, guide))


def test_styles_of_too_many_elements_are_refused(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PART_ELEMENTS", 1000)
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": ""}, styles="<a/>" * 2000)
    with pytest.raises(AnswersError, match="démesurée"):
        list(read_workbook(path, guide))


@pytest.mark.slow
def test_a_sheet_of_all_its_rows_is_read(guide: Guide, tmp_path: Path) -> None:
    """Formatting a whole column leaves a million rows without a value."""
    head = f'<row r="1">{text_cell("A1", "Champ")}{text_cell("C1", "Réponse")}</row>'
    rows = "".join(f'<row r="{n}" ht="15"/>' for n in range(2, limits.SHEET_ROWS))
    last = limits.SHEET_ROWS
    end = f'<row r="{last}">{text_cell(f"A{last}", "c1.1.1")}{text_cell(f"C{last}", "OUI")}</row>'
    candidate = read_fiche(raw_xlsx(tmp_path / "f.xlsx", {"F": head + rows + end}), guide)
    assert candidate.answers.source("c1.1.1") == Source("F", f"C{last}")


# ---------------------------------------------------------------- packages that disagree


def test_a_member_twice_is_refused(guide: Guide, tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": ""})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("XL/Worksheets/sheet1.xml", worksheet(""))
    with pytest.raises(AnswersError, match="abîmée"):
        list(read_workbook(path, guide))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_unusual_compression_is_refused(method: int, guide: Guide, tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path / "f.xlsx", {"F": ""})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(AnswersError, match="compression"):
        list(read_workbook(path, guide))


def test_control_characters_in_a_sheets_name_do_not_reach_a_message(
    guide: Guide, tmp_path: Path
) -> None:
    rows = f'<row r="1">{text_cell("A1", "Champ")}{text_cell("B1", "Réponse")}</row>'
    rows += f'<row r="2">{text_cell("A2", "c1.1.1")}{text_cell("B2", "BOF_x001B_[2J")}</row>'
    path = raw_xlsx(tmp_path / "f.xlsx", {"F\x9b2J_x001B_]0": rows})
    (found,) = read_fiche(path, guide).findings
    assert found.sheet == "F\ufffd2J\ufffd]0"
    assert "\x1b" not in found.message


def test_the_guide_is_read_with_the_workbook_and_alone(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {})
    with open_workbook(path) as book:
        assert book.guide_id == guide.id
        assert read_fiche(book, guide).answers == read_fiche(path, guide).answers
    assert guide_of(path) == guide.id
    assert guide_of(raw_xlsx(tmp_path / "g.xlsx", {"F": ""})) == ""
    (tmp_path / "h.xlsx").write_bytes(b"PK\x03\x04 cut short")
    assert guide_of(tmp_path / "h.xlsx") == ""


def test_a_macro_workbook_is_read_as_any_other(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {}).rename(tmp_path / "f.xlsm")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    assert len(read_fiche(path, guide).answers) > 100


def test_what_a_file_is_is_told_by_its_content(guide: Guide, tmp_path: Path) -> None:
    path = changed(tmp_path / "f.xlsx", guide, {}).rename(tmp_path / "f.xls")
    assert len(read_fiche(path, guide).answers) > 100

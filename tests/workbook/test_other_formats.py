"""Workbooks of other formats: their values are read, what cannot be told is said."""

from __future__ import annotations

import io
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from workbook_tools import complete

from cqp_forms import limits
from cqp_forms.answers import Source, Verdict
from cqp_forms.errors import AnswersError
from cqp_forms.findings import Code, Severity
from cqp_forms.guide import Guide
from cqp_forms.workbook import other_formats
from cqp_forms.workbook.opening import guide_of
from cqp_forms.workbook.read import read_fiche, read_workbook

ODS = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "meta", "manifest")
)


def cell(value: object) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case bool():
            kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
        case int() | float():
            kind = f'office:value-type="float" office:value="{value}"'
        case str() if value[:2] == "20" and value[4] == "-":
            kind = f'office:value-type="date" office:date-value="{value}"'
        case _:
            kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"


def ods(path: Path, *rows: list[object], guide_id: str = "", raw: str = "") -> Path:
    body = raw or "".join(
        f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS, zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            f"<manifest:manifest {SPACES}/>",
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {SPACES}><office:body><office:spreadsheet>"
            f'<table:table table:name="Feuille">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr(
            "meta.xml",
            f"<office:document-meta {SPACES}><office:meta><meta:user-defined "
            f'meta:name="cqp-forms.guide">{guide_id}</meta:user-defined></office:meta>'
            "</office:document-meta>",
        )
    return path


def test_an_ods_fiche_is_read_with_its_cells(guide: Guide, tmp_path: Path) -> None:
    path = ods(
        tmp_path / "f.ods",
        [None, "Notes"],
        [None, "Champ", "Réponse", "Précision"],
        [None, "candidat.nom", "Durand"],
        [None, "c1.1.1", True],
        [None, "c1.1.2", "NA", "sans objet"],
        [None, "evaluateur_cpne.date", "2026-03-12"],
        [None, "evaluateur_cpne.numero_habilitation", 427],
        [None, "evaluateur_metier.fonction", "2026-03-12"],
        guide_id=guide.id,
    )
    candidate = read_fiche(path, guide)
    assert candidate.answers.canonical() == {
        "candidat.nom": "Durand",
        "c1.1.1": "OUI",
        "c1.1.2": "NA",
        "c1.1.2:précision": "sans objet",
        "evaluateur_cpne.date": "2026-03-12",
        "evaluateur_cpne.numero_habilitation": "427",
        "evaluateur_metier.fonction": "12/03/2026",
    }
    assert candidate.answers.source("c1.1.1") == Source("Feuille", "C4")
    # What the reader cannot tell: the fiche as a whole, and each number or date that is printed.
    assert [(one.code, one.severity, one.cell) for one in candidate.findings] == [
        (Code.VALUES_ONLY, Severity.WARNING, ""),
        (Code.SHOWN_DATE, Severity.WARNING, "C7"),
        (Code.SHOWN_DATE, Severity.WARNING, "C8"),
    ]
    assert guide_of(path) == guide.id


def test_a_hidden_ods_sheet_is_told(guide: Guide, tmp_path: Path) -> None:
    seen = ods(tmp_path / "f.ods", ["Champ", "Réponse"], ["c1.1.1", "OUI"])
    hidden = tmp_path / "h.ods"
    look = (
        '<office:automatic-styles xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">'
        '<style:style style:name="h" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
    )
    with zipfile.ZipFile(seen) as source, zipfile.ZipFile(hidden, "w") as target:
        for one in source.infolist():
            text = source.read(one).decode().replace("<office:body>", look + "<office:body>")
            text = text.replace("<table:table ", '<table:table table:style-name="h" ')
            target.writestr(one, text)
    found = {
        path: [one.code for one in read_fiche(path, guide).findings] for path in (seen, hidden)
    }
    assert found == {seen: [Code.VALUES_ONLY], hidden: [Code.VALUES_ONLY, Code.HIDDEN_ROW]}


def test_an_ods_lot_and_a_guide_that_is_another(guide: Guide, tmp_path: Path) -> None:
    path = ods(tmp_path / "l.ods", ["candidat.nom", "c1.1.1"], ["A", "OUI"], [None], ["B", "NON"])
    first, second = read_workbook(path, guide)
    assert (first.row, second.row) == (2, 4)
    assert second.answers.value("c1.1.1") is Verdict.NON
    path = ods(tmp_path / "g.ods", ["Champ", "Réponse"], guide_id="autre-guide")
    with pytest.raises(AnswersError, match="autre-guide"):
        read_fiche(path, guide)


@pytest.mark.parametrize("name", ["04-fiche.ods", "04-fiche.xls"])
def test_fiches_saved_by_other_programs(name: str, guide: Guide, shared: Path) -> None:
    if not (path := shared / "cases" / "returned" / name).exists():
        pytest.skip(f"{name} does not lie beside this checkout")
    candidate = read_fiche(path, guide)
    assert [one.code for one in candidate.findings] == [Code.VALUES_ONLY]
    assert len(candidate.answers.places) == 2 * 123, "answers and comments"
    assert len(candidate.answers) > 100


# ------------------------------------------------------------------------------------ .xlsb


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of a binary part (MS-XLSB 2.1.4)."""
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(data), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return number + length + data


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(path: Path, rows: dict[int, dict[int, str]]) -> Path:
    """A binary workbook of one sheet: texts by row and column, from 0 (MS-XLSB 2.4)."""
    used = [column for cells in rows.values() for column in cells]
    sheet = record(129) + record(
        148, struct.pack("<4I", min(rows), max(rows), min(used), max(used))
    )
    sheet += record(145)
    for number, cells in rows.items():
        sheet += record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
        for column, text in cells.items():
            sheet += record(6, struct.pack("<II", column, 0) + wide(text))
    sheet += record(146) + record(130)
    book = (
        record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("F"))
    )
    book += record(144) + record(132)
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{office}/officeDocument" '
            'Target="xl/workbook.bin"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{office}/worksheet" '
            'Target="worksheets/sheet1.bin"/></Relationships>',
        )
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/worksheets/sheet1.bin", sheet)
    return path


def test_an_xlsb_fiche_is_read(guide: Guide, tmp_path: Path) -> None:
    rows = {
        0: {0: "Champ", 2: "Réponse"},
        2: {0: "candidat.nom", 2: "Čapek"},
        5: {0: "c1.1.1", 2: "N"},
    }
    candidate = read_fiche(xlsb(tmp_path / "f.xlsb", rows), guide)
    assert candidate.answers.canonical() == {"candidat.nom": "Čapek", "c1.1.1": "NON"}
    assert candidate.answers.source("c1.1.1") == Source("F", "C6")


# ----------------------------------------------------------------------------------- hostile


def test_cells_repeated_beyond_all_memory(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are read once, in a process that is stopped after a while."""
    limits_of_time: list[float | None] = []
    run = subprocess.run

    def counted(*args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        limits_of_time.append(timeout)
        return run(*args, timeout=timeout, **kwargs)

    monkeypatch.setattr(other_formats.subprocess, "run", counted)
    for rows, columns in ((1_048_576, 16_384), (1, 1 << 40)):
        path = ods(
            tmp_path / "f.ods",
            raw=f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
            f'table:number-columns-repeated="{columns}" office:value-type="string"><text:p>x'
            "</text:p></table:table-cell></table:table-row>",
        )
        with pytest.raises(AnswersError):
            list(read_workbook(path, guide))
    assert limits_of_time == [limits.OTHER_FORMAT_SECONDS] * 2


def test_two_far_corners(guide: Guide, tmp_path: Path) -> None:
    """A sheet laid out whole between them would be seventeen thousand million cells."""
    path = xlsb(tmp_path / "f.xlsb", {0: {0: "Champ", 1: "Réponse"}, 1_048_575: {16_383: "x"}})
    with pytest.raises(AnswersError, match="illisible"):
        list(read_workbook(path, guide))


def test_too_much_time_and_too_many_cells(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = ods(tmp_path / "f.ods", ["Champ", "Réponse"])
    monkeypatch.setattr(limits, "OTHER_FORMAT_BYTES", 10)
    with pytest.raises(AnswersError, match="trop de cellules"):
        list(read_workbook(path, guide))
    monkeypatch.setattr(limits, "OTHER_FORMAT_SECONDS", 0.001)
    with pytest.raises(AnswersError, match="trop de temps"):
        list(read_workbook(path, guide))


def test_damaged_files(guide: Guide, tmp_path: Path) -> None:
    whole = ods(tmp_path / "f.ods", ["Champ", "Réponse"], ["c1.1.1", "OUI"]).read_bytes()
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:-40] if name == "content.xml" else old.read(name))
    for content in (whole[:-100], target.getvalue()):
        (tmp_path / "g.ods").write_bytes(content)
        with pytest.raises(AnswersError, match="illisible"):
            list(read_workbook(tmp_path / "g.ods", guide))


def test_a_complete_fiche_says_it_was_read_by_its_values(guide: Guide, tmp_path: Path) -> None:
    rows: list[list[object]] = [["Champ", "Réponse"]]
    rows += [[key, str(value)] for key, value in complete(guide).canonical().items()]
    candidate = read_fiche(ods(tmp_path / "f.ods", *rows), guide)
    assert candidate.answers == complete(guide)
    (found,) = candidate.findings
    assert "« .ods »" in found.message.replace("\u00a0", " ")

"""Signed copies that come back: recognised, proved, entered; forged ones named, never entered."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import openpyxl
import pikepdf
import pytest
import signers
from pikepdf import Dictionary, Name
from returns_support import EDITABLE, FICHE, guide_of, returned, rows, run
from signers import AREAS, sign, signed_by_all

from cqp_forms import returns
from cqp_forms.issuing import schema
from cqp_forms.mapping import Rect
from cqp_forms.pdf.raster import Raster


def test_three_signatures_are_recognised_proved_and_entered(out: Path) -> None:
    root = out.parent / "racine.pem"
    root.write_bytes(signers.root())
    issued = guide_of(out).read_bytes()
    found = returned(out, signed_by_all(issued, (2, 0, 1)), "--trust", root)
    assert found["state"] == "entré" and found["missing"] == [] and found["notes"] == []
    assert found["found_by"] == "les octets émis, au début du fichier"
    assert [(one["area"], one["signer"], one["verdict"], one["trust"])
            for one in sorted(found["signatures"], key=lambda one: one["area"])] == [
        (area, f"Signataire {rank}", "intacte", "reconnu") for rank, area in enumerate(AREAS, 1)
    ]  # fmt: skip
    assert rows(out) == ["OUTIL4_DURAND-CELIK_Lea_v1_signe.pdf"]
    assert guide_of(out).read_bytes() == issued


def test_trust_is_said_only_where_it_was_asked(out: Path) -> None:
    signed = sign(guide_of(out).read_bytes(), AREAS[0])
    assert returned(out, signed)["signatures"][0]["trust"] == ""
    stranger = out.parent / "autre.pem"
    stranger.write_bytes(signers.other_root())
    again = returned(out, signed, "--trust", stranger)
    assert again["signatures"][0]["trust"] == "non reconnu"
    stranger.write_bytes(b"pas un certificat")
    done = run("return", out.parent / "rendu.pdf", "-o", out, "--trust", stranger)
    assert done.exit_code == 2 and "certificat" in done.stderr


def test_an_editable_guide_locks_its_answers_and_lets_the_others_sign(out: Path) -> None:
    found = returned(out, signed_by_all(guide_of(out, EDITABLE).read_bytes()))
    assert found["state"] == "entré" and found["missing"] == []
    assert {one["verdict"] for one in found["signatures"]} == {"intacte"}


def test_a_certified_guide_stays_provable(out: Path) -> None:
    found = returned(out, signed_by_all(guide_of(out).read_bytes(), certify=True))
    assert found["state"] == "entré" and found["missing"] == []


def test_an_invisible_signature_stands_in_no_area(out: Path) -> None:
    found = returned(out, sign(guide_of(out).read_bytes(), "Sig9", invisible=True))
    assert found["state"] == "entré" and found["missing"] == list(AREAS)
    assert found["signatures"][0]["area"] == ""


def test_copies_that_extend_one_another_stand_and_others_contradict(out: Path) -> None:
    issued = guide_of(out).read_bytes()
    one = sign(issued, AREAS[0])
    two = sign(one, AREAS[1])
    assert returned(out, one)["missing"] == [AREAS[1], AREAS[2]]
    assert returned(out, two)["missing"] == [AREAS[2]]
    assert returned(out, two)["state"] == returned(out, one)["state"] == "déjà rendu"
    assert rows(out) == [f"OUTIL4_DURAND-CELIK_Lea_v1_signe{one}.pdf" for one in ("", "-2")]
    stranger = returned(out, sign(issued, AREAS[2]), code=6)
    assert stranger["state"] == "entré, en conflit" and "contredit" in stranger["notes"][0]
    assert len(rows(out)) == 3


def test_a_file_of_that_name_is_never_written_over(out: Path) -> None:
    mine = guide_of(out).with_name("OUTIL4_DURAND-CELIK_Lea_v1_signe.pdf")
    mine.write_bytes(b"a moi")
    found = returned(out, sign(guide_of(out).read_bytes(), AREAS[0]))
    assert found["path"].endswith("_signe-2.pdf") and mine.read_bytes() == b"a moi"


def test_what_nobody_signed_is_not_entered(out: Path) -> None:
    found = returned(out, guide_of(out).read_bytes(), code=6)
    assert found["state"] == "non signé" and found["missing"] == list(AREAS)
    assert rows(out) == []


# ------------------------------------------------------------------- how a version is recognised


def rewritten(content: bytes, change: Callable[[pikepdf.Pdf], None] = lambda _pdf: None) -> bytes:
    """Saved anew by another program: not a byte stays in its place."""
    target = BytesIO()
    with pikepdf.open(BytesIO(content)) as pdf:
        change(pdf)
        pdf.save(target)
    return target.getvalue()


def pasted(pdf: pikepdf.Pdf) -> None:
    """A drawn signature, in the areas of all three."""
    page = pdf.pages[-1]
    for one in page.obj.Annots:
        if one.get(Name.FT) == Name.Sig:
            x0, y0, x1, y1 = (float(value) for value in one.Rect)
            stroke = f"q 0 0 0.6 RG 2 w {x0 + 9} {y0 + 9} m {x1 - 9} {y1 - 9} l S Q"
            page.contents_add(stroke.encode())


def nothing_carried(pdf: pikepdf.Pdf) -> None:
    for holder, key in ((pdf.Root, Name.Metadata), (pdf.Root, Name.AF), (pdf.Root, Name.Names)):
        if key in holder:
            del holder[key]


def no_metadata(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


@pytest.mark.parametrize(
    ("change", "found_by"),
    [
        (lambda _pdf: None, "son code"),
        (no_metadata, "les réponses qui y sont jointes"),
        (nothing_carried, "son texte"),
    ],
)
def test_a_drawn_signature_in_a_file_saved_anew(
    out: Path, change: Callable[[pikepdf.Pdf], None], found_by: str
) -> None:
    def both(pdf: pikepdf.Pdf) -> None:
        pasted(pdf)
        change(pdf)

    found = returned(out, rewritten(guide_of(out).read_bytes(), both))
    assert (found["state"], found["found_by"]) == ("entré", found_by)
    assert {one["kind"] for one in found["signatures"]} == {"dessinée"}
    assert found["missing"] == []


def test_a_box_ticked_in_an_editable_guide_before_signing_is_found(out: Path) -> None:
    def tick(pdf: pikepdf.Pdf) -> None:
        for one in pdf.pages[8].obj.Annots:
            if one.get(Name.FT) == Name.Btn and one.get(Name.AS) == Name.Off:
                one.V = one.AS = next(Name(key) for key in dict(one.AP.N) if key != "/Off")
                return

    found = returned(out, sign(rewritten(guide_of(out, EDITABLE).read_bytes(), tick), AREAS[0]),
                     code=6)  # fmt: skip
    assert found["state"] == "altéré" and "montre" in found["notes"][0]
    assert rows(out) == []


def test_each_file_of_a_folder_has_its_own_message_and_the_others_go_on(out: Path) -> None:
    inbox = out.parent / "recus"
    (inbox / "lundi").mkdir(parents=True)
    (inbox / "a.pdf").write_bytes(b"%PDF-1.7 abime")
    (inbox / "b.pdf").write_bytes(guide_of(out).read_bytes())
    blank = Path(__file__).parents[1] / "source_docs" / "technico-commercial.pdf"
    shutil.copy(blank, inbox / "c.pdf")
    (inbox / "lundi" / "d.pdf").write_bytes(sign(guide_of(out).read_bytes(), AREAS[0]))
    (inbox / "notes.txt").write_text("rien")
    done = run("return", inbox, "-o", out, "--json")
    assert done.exit_code == 6
    found = json.loads(done.stdout)["returned"]
    assert [one["state"] for one in found] == ["illisible", "non signé", "inconnu", "entré"]
    shown = run("return", inbox, "-o", out)
    for said in ("illisible", "personne ne l’a signé", "aucune des versions émises", "déjà rendu"):
        assert said in shown.output


@pytest.mark.parametrize("name", ["durand-celik lea", "celik"])
def test_a_scan_is_declared_and_never_proved(out: Path, name: str) -> None:
    scan = out.parent / "scan.png"
    scan.write_bytes(b"\x89PNG une image")
    known = "--candidate", name, "--version", 1
    done = run("return", scan, "-o", out, "--json", *known)
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)["returned"]
    assert found["state"] == "déclaré, non prouvé" and found["path"].endswith("_v1_signe.png")
    assert run("return", scan, "-o", out, *known).exit_code == 0
    assert rows(out) == ["OUTIL4_DURAND-CELIK_Lea_v1_signe.png"]


def test_a_scanned_pdf_is_sent_to_its_declaration(out: Path) -> None:
    scan = out.parent / "scan.pdf"
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        image = pdf.make_stream(
            b"\xcc", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1,
            ColorSpace=Name.DeviceGray, BitsPerComponent=8,
        )  # fmt: skip
        page.obj.Resources = Dictionary(XObject=Dictionary(I=image))
        page.obj.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q")
        pdf.save(scan)
    done = run("return", scan, "-o", out)
    assert done.exit_code == 6
    assert "cqp-forms return FICHIER --candidate NOM --version N" in done.output
    assert rows(out) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--candidate", "Personne", "--version", 1), "aucun candidat de ce nom"),
        (("--candidate", "Durand-Çelik Léa", "--version", 7), "n’a pas de version 7"),
        (("--candidate", "Durand-Çelik Léa"), "vont ensemble"),
        (("--version", 1), "vont ensemble"),
    ],
)
def test_a_declaration_that_names_nobody_is_refused(
    out: Path, more: tuple[object, ...], said: str
) -> None:
    scan = out.parent / "scan.pdf"
    scan.write_bytes(b"%PDF-1.7")
    done = run("return", scan, "-o", out, *more)
    assert done.exit_code == 2 and said in done.stderr.replace("\u00a0", " ")
    assert rows(out) == []


def test_without_a_register_or_a_file_nothing_is_done(tmp_path: Path) -> None:
    assert run("return", tmp_path / "rien.pdf", "-o", tmp_path).exit_code == 2
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    done = run("return", tmp_path / "a.pdf", "-o", tmp_path / "vide")
    assert done.exit_code == 5 and not (tmp_path / "vide").exists()


def test_without_the_extra_all_but_the_cryptography_is_done(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = sign(guide_of(out).read_bytes(), AREAS[0])
    monkeypatch.setattr("cqp_forms.pdf.signatures.is_checked", lambda: False)
    monkeypatch.setattr("cqp_forms.returns.is_checked", lambda: False)
    found = returned(out, signed)
    assert found["state"] == "entré" and found["missing"] == list(AREAS[1:])
    assert found["signatures"][0]["verdict"] == "non vérifiée"
    assert "cqp-forms[signature]" in found["notes"][-1]


def test_without_the_extra_the_program_itself_runs(out: Path, tmp_path: Path) -> None:
    path = tmp_path / "rendu.pdf"
    path.write_bytes(sign(guide_of(out).read_bytes(), AREAS[0]))
    absent = "sys.modules.update(dict.fromkeys(['pyhanko', 'pyhanko_certvalidator']))"
    script = f"import sys; {absent}; from cqp_forms.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "return", str(path), "-o", str(out), "--json"],
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(done.stdout)["returned"]
    assert found["state"] == "entré" and found["signatures"][0]["verdict"] == "non vérifiée"


# --------------------------------------------------------------- what the register says afterwards


def test_history_says_how_far_each_guide_is_signed(out: Path) -> None:
    one = sign(guide_of(out).read_bytes(), AREAS[1])
    returned(out, one)
    versions = json.loads(run("history", out, "--json").stdout)["versions"]
    assert [each["standing"] for each in versions] == ["signé 1/3", "émis"]
    unsigned = run("history", out, "--unsigned")
    assert unsigned.exit_code == 0 and "Candidat ; Évaluateur Professionnel" in unsigned.stdout
    returned(out, sign(sign(one, AREAS[0]), AREAS[2]))
    assert "Durand" not in run("history", out, "--unsigned").stdout
    copy = next(out.glob("*/*_signe-2.pdf"))
    copy.write_bytes(copy.read_bytes()[:-1])
    done = run("history", out)
    assert done.exit_code == 6 and "_signe-2.pdf\u00a0: altéré" in done.stderr


def test_a_guide_signed_where_it_was_issued_is_recognised(out: Path) -> None:
    path = guide_of(out)
    path.write_bytes(signed_by_all(path.read_bytes()))
    done = run("history", out)
    assert done.exit_code == 6 and "complété sur place" in done.output
    assert run("return", path, "-o", out).exit_code == 0
    done = run("history", out)
    assert done.exit_code == 0 and "signé" in done.stdout


def test_a_register_of_the_format_before_is_read_and_takes_returns(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("fill", FICHE, "-o", out, "--format", "pdf", "--no-code").exit_code == 0
    source, target = out / "registre.sqlite", out / "ancien.sqlite"
    with closing(sqlite3.connect(target)) as old:
        for step in schema.MIGRATIONS[:2]:
            old.executescript(step)
        old.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        old.execute("PRAGMA user_version=2")
        old.execute("ATTACH ? AS new", (str(source),))
        for name in ("version", "file"):
            columns = ", ".join(row[1] for row in old.execute(f"PRAGMA main.table_info({name})"))
            old.execute(f"INSERT INTO main.{name} SELECT {columns} FROM new.{name}")
        old.commit()
    target.replace(source)
    before = source.read_bytes()
    assert run("history", out).exit_code == 0 and source.read_bytes() == before
    found = returned(out, sign(guide_of(out).read_bytes(), AREAS[0]))
    assert found["state"] == "entré"
    assert rows(out) == ["OUTIL4_DURAND-CELIK_Lea_v1_signe.pdf"]


def test_a_register_that_was_lost_comes_back_with_its_signed_copies(out: Path) -> None:
    one = sign(guide_of(out).read_bytes(), AREAS[0])
    returned(out, one)
    returned(out, sign(sign(one, AREAS[1]), AREAS[2]))
    before = rows(out)
    folder = guide_of(out).parent
    scan, own = folder / "X_v1_signe.png", folder / "X_v1_signe-3.pdf"
    scan.write_bytes(b"\x89PNG")
    own.write_bytes(b"%PDF-1.7 une image")
    (out / "registre.sqlite").unlink()
    done = run("history", out, "--rebuild", "--json")
    assert done.exit_code == 6
    found = json.loads(done.stdout)
    assert found["rebuilt"]["copies"] == 2
    told = {Path(each["path"]).name: each["message"] for each in found["rebuilt"]["problems"]}
    assert told.keys() == {scan.name, own.name}
    assert "cqp-forms return" in told[scan.name] and "--candidate NOM" in told[scan.name]
    assert {each["standing"] for each in found["versions"]} == {"signé", "émis"}
    scan.unlink()
    own.unlink()
    assert rows(out) == before
    again = run("history", out, "--rebuild", "--json")
    assert again.exit_code == 0 and json.loads(again.stdout)["rebuilt"]["copies"] == 0


def test_the_report_says_whose_signature_is_awaited(out: Path) -> None:
    returned(out, sign(guide_of(out).read_bytes(), AREAS[0]))
    assert run("batch", FICHE, "-o", out, "--format", "pdf").exit_code == 0
    (report,) = out.glob("*.xlsx")
    sheet = openpyxl.load_workbook(report)["À relancer"]
    (row,) = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=6)]
    assert row[0] == "DURAND-ÇELIK Léa" and row[2] == "signature attendue"
    assert row[-1].startswith("Évaluateur habilité par la CPNE")
    assert row[-1].endswith("Évaluateur Professionnel du métier")


# ------------------------------------------------------------------------------------- the deposit


def test_the_deposit_takes_what_is_complete_and_names_the_rest(out: Path) -> None:
    depot = out.parent / "depot"
    returned(out, signed_by_all(guide_of(out).read_bytes()))
    returned(out, sign(guide_of(out, EDITABLE).read_bytes(), AREAS[0]))
    done = run("deposit", out, "-o", depot, "--json")
    assert done.exit_code == 7
    lea, duc = json.loads(done.stdout)["candidates"]
    assert {one.name for one in depot.iterdir()} == {"liste.xlsx", lea["file"]}
    content = (depot / lea["file"]).read_bytes()
    assert sha256(content).hexdigest() == lea["sha256"]
    assert lea["signatures"].count("(certificat)") == 3 and lea["why"] == ""
    assert duc["file"] == "" and duc["why"].startswith("il manque : Évaluateur habilité")
    sheet = openpyxl.load_workbook(depot / "liste.xlsx").active
    listed = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[0] for row in listed] == [lea["candidate"], duc["candidate"]]
    assert listed[0][6] == lea["sha256"] and listed[0][5] == "à déposer"
    # Again: the same. A file of that name that is another stays.
    assert run("deposit", out, "-o", depot).exit_code == 7
    (depot / lea["file"]).write_bytes(b"autre")
    done = run("deposit", out, "-o", depot)
    assert done.exit_code == 5 and (depot / lea["file"]).read_bytes() == b"autre"


def test_a_declared_scan_is_deposited_as_such_and_an_altered_copy_is_not(out: Path) -> None:
    scan = out.parent / "scan.pdf"
    scan.write_bytes(b"%PDF-1.4 un scan")
    known = "--candidate", "DURAND-CELIK_Lea", "--version", 1
    assert run("return", scan, "-o", out, *known).exit_code == 0
    depot = out.parent / "depot"
    lea, _ = json.loads(run("deposit", out, "-o", depot, "--json").stdout)["candidates"]
    assert lea["signatures"] == "scan déclaré"
    (copy,) = out.glob("*/*_signe.pdf")
    copy.write_bytes(b"%PDF-1.4 un autre")
    lea, _ = json.loads(run("deposit", out, "-o", depot, "--json").stdout)["candidates"]
    assert "altéré" in lea["why"]


def test_text_is_found_in_a_copy_that_lost_its_form(out: Path) -> None:
    """As a copy printed to a PDF again: nothing is filled in there, and there are words to read."""
    with pikepdf.open(guide_of(out)) as pdf:
        del pdf.Root.AcroForm
        for page in pdf.pages:
            if Name.Annots in page.obj:
                del page.obj.Annots
        target = BytesIO()
        pdf.save(target)
    with Raster(target.getvalue()) as pages:
        assert "Léa" in pages.text_in(0, Rect(0, 0, 600, 850))


def test_one_files_accident_is_not_the_others(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = out.parent / "rendus"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(b"%PDF-1.7 accident")
    (folder / "b.pdf").write_bytes(signed_by_all(guide_of(out).read_bytes()))
    read = returns._pdf

    def broken(path: Path) -> bytes:
        if path.name == "a.pdf":
            raise RuntimeError("un accident")
        return read(path)

    monkeypatch.setattr(returns, "_pdf", broken)
    done = run("return", folder, "-o", out)
    assert done.exit_code == 6
    assert "illisible (RuntimeError)" in done.stderr + done.stdout
    assert rows(out) == ["OUTIL4_DURAND-CELIK_Lea_v1_signe.pdf"]

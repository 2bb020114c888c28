"""Make the pictures of ``docs/images`` again, from what the program really makes.

Run it from the checkout: ``python tools/make_pictures.py``. It needs LibreOffice (``soffice``), and
pypdfium2 and Pillow, which the program's own libraries bring along.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import docx
import pypdfium2
from lxml import etree
from make_examples import lot as example_lot
from PIL import Image, ImageChops, ImageOps
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.docx import wml
from cqp_forms.formats import rooms_of
from cqp_forms.guide import Guide
from cqp_forms.project import DEFAULT_GUIDE, Project
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import Existing, write_fiche, write_lot

ROOT = Path(__file__).parents[1]
IMAGES = ROOT / "docs" / "images"
#: Where the commands are run: its path is seen in the report, so that it is a plain one.
WORK = Path(tempfile.gettempdir()) / "Session-2026"
_MARGIN = 14  # pixels kept around what is cropped
_MAX_BYTES = 150_000

#: What a lot knows before the interviews.
_KNOWN = ("dossier.", "candidat.", "evaluateur_cpne.", "evaluateur_metier.")
_HABILITATION = "evaluateur_cpne.numero_habilitation"
REASON = "critère coché par erreur, numéro d’habilitation corrigé"


@dataclass(frozen=True)
class View:
    """What of a page is kept: down to ``bottom`` and as far as ``right``, in parts of it.

    ``trim`` takes the paper's own margins away first; ``width`` is the picture's, in pixels.
    """

    width: int = 860
    bottom: float = 1.0
    right: float = 1.0
    trim: bool = True


def run(*arguments: str, codes: tuple[int, ...] = (0,)) -> None:
    """Run a command in the work folder, as a user does."""
    done = subprocess.run(
        [sys.executable, "-m", "cqp_forms", "--project", str(ROOT), *arguments],
        cwd=WORK,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "USER": "secretariat"},
        check=False,
    )
    if done.returncode not in codes:
        raise SystemExit(f"cqp-forms {' '.join(arguments)}: exit {done.returncode}")


def to_pdf(path: Path) -> Path:
    """A workbook or a Word document as LibreOffice prints it."""
    profile = (WORK / "profil").as_uri()
    command = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    folder = WORK / "pages"
    subprocess.run([*command, "--outdir", str(folder), str(path)], check=True, capture_output=True)
    return folder / f"{path.stem}.pdf"


def page_with(path: Path, *marks: str) -> int:
    """The first page, from 0, that shows every one of these texts."""
    with pypdfium2.PdfDocument(path) as document:
        for number, page in enumerate(document):
            text = " ".join(page.get_textpage().get_text_bounded().split())
            if all(mark in text for mark in marks):
                return number
    raise SystemExit(f"{path.name}: no page shows {', '.join(marks)}")


def picture(name: str, path: Path, page: int, view: View = View()) -> None:
    """Render a page, crop it, and save it with as few colours as it needs."""
    with pypdfium2.PdfDocument(path) as document:
        document.init_forms()  # else what form fields hold is not drawn
        image = document[page].render(scale=3).to_pil().convert("RGB")
    if view.trim:
        inside = ImageChops.invert(image).convert("L").point(lambda ink: 255 * (ink > 8)).getbbox()
        left, top, right, bottom = inside or (0, 0, *image.size)
        edge = 3 * _MARGIN
        image = ImageOps.expand(image.crop((left, top, right, bottom)), edge, "white")
    image = image.crop((0, 0, int(image.width * view.right), int(image.height * view.bottom)))
    height = round(image.height * view.width / image.width)
    image = image.resize((view.width, height), Image.Resampling.LANCZOS)
    image = ImageOps.expand(image, 1, "#B0B0B0")
    target = IMAGES / f"{name}.png"
    for colours in (128, 64, 32, 16):
        image.quantize(colours, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= _MAX_BYTES:
            break
    print(f"{target.name}: {target.stat().st_size // 1024} KiB")


def correct(source: Path, target: Path, ticks: dict[str, bool], texts: dict[str, str]) -> None:
    """Change boxes and texts of an issued DOCX, as a person does in Word."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "word/document.xml":
                root = etree.fromstring(content)
                for control in wml.all_words(root, "sdt"):
                    _change(control, ticks, texts)
                content = etree.tostring(root, encoding="UTF-8", standalone=True)
            new.writestr(info.filename, content)


def _change(control: etree._Element, ticks: dict[str, bool], texts: dict[str, str]) -> None:
    tag = wml.tag_of(control)
    shown = next(control.iter(wml.w("t")), None)
    if shown is None:
        return
    if tag in texts:
        shown.text = texts[tag]
    elif tag in ticks:
        shown.text = "☒" if ticks[tag] else "☐"
        for flag in control.iter("{*}checked"):
            flag.set(next(iter(flag.keys())), "1" if ticks[tag] else "0")


def fiche_pictures(guide: Guide) -> None:
    """A fiche in the making."""
    whole = read_fiche(ROOT / "examples" / "fiche-non-maitrisee.xlsx", guide).answers
    begun = {key: one for key, one in whole.items() if not key.startswith(("c4", "c5", "c6"))}
    for key in ("c1.1.3", "c1.2.1", "c1.2.3", "commentaires.evaluateur_cpne", "candidat.nom"):
        del begun[key]
    begun["c1.1.2"] = Answer(Verdict.NON)
    begun["c1.2.2"] = Answer(Verdict.NA, "Secteur attribué par la direction : pas de choix à faire")
    rooms = rooms_of(Project.at(ROOT), guide)
    write_fiche(WORK / "fiche-commencee.xlsx", guide, Answers(begun), rooms=rooms)
    printed = to_pdf(WORK / "fiche-commencee.xlsx")
    picture("fiche-c1", printed, page_with(printed, "Compétence 1", "À savoir"), View())
    picture("fiche-synthese", printed, page_with(printed, "Synthèse", "Répondu"))


def issued_pictures() -> None:
    """A guide issued, in both formats, and a draft."""
    shutil.copy(ROOT / "examples" / "fiche-maitrisee.xlsx", WORK / "fiche.xlsx")
    shutil.copy(ROOT / "examples" / "fiche-non-maitrisee.xlsx", WORK / "autre.xlsx")
    run("fill", "fiche.xlsx")
    run("fill", "autre.xlsx")
    run("fill", "autre.xlsx", "--draft", "-o", "brouillons")
    filled = next(WORK.glob("output/NGUYEN*/*.pdf"))
    draft = next(WORK.glob("brouillons/*/*.pdf"))
    word = to_pdf(next(WORK.glob("output/NGUYEN*/*.docx")))
    criteria = "Des ajustements sont négociés"
    page = View(width=760, trim=False)
    picture("page-remplie", filled, page_with(filled, criteria), page)
    picture("page-remplie-word", word, page_with(word, criteria), page)
    picture("page-brouillon", draft, page_with(draft, criteria), replace(page, width=560))
    signatures = page_with(filled, "Hélène Marchand")
    picture("page-signatures", filled, signatures, replace(page, width=640))


def annex_picture(guide: Guide) -> None:
    """A comment too long for its box."""
    whole = read_fiche(ROOT / "examples" / "fiche-non-maitrisee.xlsx", guide).answers
    key = "commentaires.evaluateur_metier"
    long = "\n\n".join([whole.text(key)] * 2)
    named = {"candidat.nom": Answer("Garnier"), "candidat.prenom": Answer("Lucie")}
    found = {**whole, **named, key: Answer(long), "dossier.reference": Answer("2026-TC-0040")}
    write_fiche(WORK / "longue.xlsx", guide, Answers(found))
    run("fill", "longue.xlsx", "--format", "pdf")
    filled = next(WORK.glob("output/GARNIER*/*.pdf"))
    picture("page-annexe", filled, page_with(filled, "Annexe 1"), View(width=640, bottom=0.6))


def correction_pictures() -> None:
    """A mistake found: from the Word document corrected to version 2."""
    issued = next(WORK.glob("output/DURAND*/*_v1.docx"))
    boxes = {"c6.1.5.oui": False, "c6.1.5.non": True}
    results = {"c6.resultat.maitrisee": False, "c6.resultat.non_maitrisee": True}
    correct(issued, WORK / "corrige.docx", boxes | results, {_HABILITATION: "00472"})
    run("extract", "corrige.docx", "-o", "corrigee.xlsx")
    run("reissue", "corrigee.xlsx", "--reason", REASON)
    run("history", "--candidate", "Durand")
    second = next(WORK.glob("output/DURAND*/*_v2.pdf"))
    changes = next(WORK.glob("output/DURAND*/*_v2_modifications.pdf"))
    run("verify", str(second), "corrigee.xlsx")
    picture("couverture-version-2", second, 0, View(width=560, trim=False))
    picture("liste-des-modifications", changes, 0, View(width=760, bottom=0.49))


def signed_pictures() -> None:
    """The corrected version, signed by all three, as it came back; and the list of the deposit."""
    sys.path.append(str(ROOT / "tests"))
    from signers import signed_by_all

    issued = next(WORK.glob("output/DURAND*/*_v2.pdf"))
    signed = WORK / "signe.pdf"
    signed.write_bytes(signed_by_all(issued.read_bytes()))
    run("return", "signe.pdf")
    number = page_with(signed, "Signature")
    picture("page-signee", signed, number, View(width=640, trim=False))
    run("deposit", "-o", "depot", codes=(0, 7))
    picture("liste-du-depot", to_pdf(WORK / "depot" / "liste.xlsx"), 0, View(width=860))


def interviews(guide: Guide) -> Iterator[tuple[Answers, Answers]]:
    """What is known of each candidate before, and what the fiche says afterwards."""
    for rank, after in enumerate(example_lot(guide)):
        before = {key: one for key, one in after.items() if key.startswith(_KNOWN)}
        found = dict(after)
        if rank == 3:  # a criterion forgotten
            del found["c2.3.2"]
        if rank == 6:  # a contradiction, and a comment that misses
            found["c4.2.1"] = Answer(Verdict.NON)
            found["c5.1.3"] = Answer(Verdict.NA)
        yield Answers(before), Answers(found)


def secretariat_pictures(guide: Guide) -> None:
    """From a list of candidates to the report and the bundle."""
    pairs = list(interviews(guide))
    write_lot(WORK / "candidats.xlsx", guide, [before for before, _ in pairs])
    run("prepare", "candidats.xlsx", "-o", "dossiers")
    for (_, after), fiche in zip(pairs, _fiches_in_order(pairs, guide), strict=True):
        write_fiche(fiche, guide, after, existing=Existing.REPLACE)
    bundle = ("--print-bundle", "a-imprimer.pdf")
    run("batch", "dossiers", "-o", "guides", *bundle, codes=(0, 7))
    report = to_pdf(WORK / "guides" / "rapport.xlsx")
    picture("rapport-emissions", report, page_with(report, "Émissions", "Durée"), _wide(0.42))
    picture("rapport-problemes", report, page_with(report, "Problèmes à régler"), _wide(0.24))
    picture(
        "rapport-synthese", report, page_with(report, "Synthèse des résultats"), _wide(0.43, 0.796)
    )
    picture("rapport-criteres", report, page_with(report, "Réponses par critère"), _wide(0.4))
    picture("lot-a-imprimer", WORK / "a-imprimer.pdf", 0, View(width=640, bottom=0.46))
    prepared = next(WORK.glob("dossiers/BERNARD*/*_vierge.pdf"))
    picture("guide-prepare", prepared, 0, View(width=480, trim=False))


def _wide(bottom: float, right: float = 1.0) -> View:
    """A sheet of the report: many columns, few rows."""
    return View(width=1100, bottom=bottom, right=right)


def _fiches_in_order(pairs: list[tuple[Answers, Answers]], guide: Guide) -> list[Path]:
    """The prepared fiche of each candidate, found by the file's own key."""
    fiches = {
        read_fiche(path, guide).answers.text("dossier.reference"): path
        for path in WORK.glob("dossiers/*/*.xlsx")
    }
    return [fiches[before.text("dossier.reference")] for before, _ in pairs]


def mapping_picture() -> None:
    """What ``map`` saw in a document."""
    shutil.copy(ROOT / "source_docs" / "technico-commercial.pdf", WORK / "guide-de-la-branche.pdf")
    run("map", "guide-de-la-branche.pdf", "--preview", "apercu.pdf")
    preview = WORK / "apercu.pdf"
    number = page_with(preview, "Des ajustements sont négociés")
    picture("apercu-reperage", preview, number, View(width=760, trim=False, bottom=0.7))


def grid_form(docx_path: Path, pdf_path: Path) -> None:
    """A form with a grid, as people have them: one cross a row, under captions of its own."""
    captions = ("ND", "1", "2", "3")
    rows = ("Préparer son poste", "Régler la machine", "Contrôler la pièce")
    document = docx.Document()
    document.add_heading("Grille de positionnement", 1)
    document.add_paragraph("Nom : ........................................")
    table = document.add_table(1 + len(rows), 1 + len(captions), style="Table Grid")
    for column, text in enumerate(("Compétences", *captions)):
        table.cell(0, column).text = text
    for row, text in enumerate(rows, start=1):
        table.cell(row, 0).text = text
    document.save(str(docx_path))
    canvas = Canvas(str(pdf_path), pagesize=(500, 300), invariant=1)
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(40, 260, "Grille de positionnement")
    canvas.setFont("Helvetica", 11)
    canvas.drawString(40, 225, "Nom :")
    canvas.line(75, 223, 380, 223)
    edges = (40, 280, 325, 370, 415, 460)
    for row, texts in enumerate([("Compétences", *captions), *((each,) for each in rows)]):
        top = 190 - 24 * row
        for column, (x, right) in enumerate(pairwise(edges)):
            canvas.rect(x, top - 24, right - x, 24)
            if column < len(texts):
                canvas.drawString(x + 5, top - 16, texts[column])
    canvas.save()


def grid_pictures() -> None:
    """The same form seen, drafted as a guide, and filled."""
    folder = WORK / "grille"
    folder.mkdir()
    grid_form(folder / "grille.docx", folder / "grille.pdf")
    own = ("--project", str(folder))
    run(*own, "map", "grille/grille.pdf", "--list", "--preview", "grille-vue.pdf")
    picture("grille-apercu", WORK / "grille-vue.pdf", 0, View(width=640, trim=False))
    run(*own, "map", "grille/grille.docx", "grille/grille.pdf", "--new-guide", "grille")
    guide = Project.at(folder).guide("grille")
    values = {
        field.id: Answer(field.options[rank]) if field.options else Answer("Brun")
        for field, rank in zip(guide.fields.values(), (0, 2, 0, 3), strict=True)
    }
    fiche = WORK / "fiche-grille.xlsx"
    write_fiche(fiche, guide, Answers(values))
    sheet = to_pdf(fiche)
    picture("grille-fiche", sheet, page_with(sheet, "Régler la machine"), _wide(0.55))
    run(*own, "fill", "fiche-grille.xlsx", "-o", "grille/output", "--format", "pdf")
    (filled,) = folder.glob("output/*/*_v1.pdf")
    picture("grille-remplie", filled, 0, View(width=640, trim=False))


def main() -> None:
    """Make them all."""
    WORK.mkdir()
    try:
        IMAGES.mkdir(parents=True, exist_ok=True)
        guide = Project.at(ROOT).guide(DEFAULT_GUIDE)
        fiche_pictures(guide)
        issued_pictures()
        annex_picture(guide)
        correction_pictures()
        signed_pictures()
        secretariat_pictures(guide)
        mapping_picture()
        grid_pictures()
    finally:
        shutil.rmtree(WORK, ignore_errors=True)


if __name__ == "__main__":
    main()

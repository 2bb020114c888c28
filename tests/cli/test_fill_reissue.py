"""``fill``, ``reissue`` and ``history``: a document's life, and everything that stops it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pypdfium2
import pytest
from cli_support import files_in

from cqp_forms.answers import Answer, Result, Verdict
from cqp_forms.errors import ExitCode

STEM = "LEFEVRE_Anne-Marie/OUTIL4_LEFEVRE_Anne-Marie"


def issued(version: int, *more: str) -> list[str]:
    return sorted([f"{STEM}_v{version}.docx", f"{STEM}_v{version}.pdf", *more])


def sums(folder: Path) -> dict[str, str]:
    return {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files_in(folder)
    }


def test_fill_issues_both_documents_and_tells_what_was_read_back(run, make, tmp_path: Path) -> None:
    done = run("fill", make())
    assert done.code == 0
    assert files_in(tmp_path / "output") == [*issued(1), "registre.sqlite"]
    assert done.out.split() == [f"output/{name}" for name in issued(1)]
    assert "90/90 cases cochées (sur 190), 18/18 textes" in done.err


def test_the_signs_of_chemistry_are_printed_and_copied_back(run, make, tmp_path: Path) -> None:
    signs = "A + B ⇌ C, −5 °C, ⌀ 12 mm, ∅ ∈ E ∩ F ∪ G, 2⋅3 ▶ ① ⟶"
    assert run("fill", make(remarques__autre=signs)).code == 0
    document = pypdfium2.PdfDocument(tmp_path / f"output/{STEM}_v1.pdf")
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert all(char in text for char in signs if not char.isspace())


def test_fill_json(run, make, tmp_path: Path) -> None:
    path = make(c1__1__1=Answer(Verdict.NA, "Hors secteur"), apports__autre=True)
    told = run("fill", path, "--json").json
    assert (told["state"], told["candidate"], told["version"]) == (
        "issued",
        "Lefèvre Anne-Marie",
        1,
    )
    assert (told["ticks"], told["texts"]) == (91, 18)
    for file in told["files"]:
        content = (tmp_path / file["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert [one["code"] for one in told["findings"]] == ["autre-sans-precision"]
    assert [(one["field"], one["comment"]) for one in told["na_comments"]] == [
        ("c1.1.1", "Hors secteur")
    ]


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_fill_one_format(run, make, tmp_path: Path, kind: str) -> None:
    assert run("fill", make(), "--format", kind, "-o", "ici").code == 0
    assert files_in(tmp_path / "ici") == sorted([f"{STEM}_v1.{kind}", "registre.sqlite"])


def test_fill_twice_writes_nothing_the_second_time(run, make, tmp_path: Path) -> None:
    path = make()
    run("fill", path)
    before = sums(tmp_path / "output")
    done = run("fill", path)
    assert done.code == 0
    assert "déjà émis (version 1" in done.err
    assert sums(tmp_path / "output") == before


def test_fill_with_other_answers_points_to_reissue(run, make, tmp_path: Path) -> None:
    run("fill", make())
    before = sums(tmp_path / "output")
    done = run("fill", make(commentaires__evaluateur_metier="Autre avis"))
    assert done.code == ExitCode.OUTPUT
    assert "cqp-forms reissue" in done.err
    assert sums(tmp_path / "output") == before


def test_errors_leave_no_file(run, make, tmp_path: Path) -> None:
    done = run("fill", make(c4__resultat=None))
    assert done.code == ExitCode.ANSWERS
    assert "resultat-sans-reponse" in done.err
    assert "C4, cellule" in done.err
    assert not (tmp_path / "output").exists()


def test_a_draft_may_be_incomplete_or_incoherent(run, make, tmp_path: Path) -> None:
    done = run("fill", make(c4__resultat=None), "--draft")
    assert done.code == 0
    assert files_in(tmp_path / "output") == [f"{STEM}_brouillon.docx", f"{STEM}_brouillon.pdf"]
    assert run("fill", make(c1__1__1=Verdict.NON), "--draft").code == 0
    assert run("fill", make(c1__1__1=Verdict.NON)).code == ExitCode.ANSWERS


def test_a_lot_is_not_a_fiche(run) -> None:
    run("new", "--lot")
    done = run("fill", "lot.xlsx")
    assert done.code == ExitCode.ANSWERS
    assert "cqp-forms batch" in done.err


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--document", "a.pdf"], ExitCode.USAGE, "1 --document pour 0 --mapping"),
        (
            ["--document", "a.pdf", "--mapping", "a.yaml"],
            ExitCode.DOCUMENT,
            "illisible",
        ),
        (["--guide", "inconnu"], ExitCode.DOCUMENT, "introuvable"),
    ],
)
def test_fill_with_documents_that_do_not_fit(
    run, make, tmp_path: Path, options: list[str], code: ExitCode, said: str
) -> None:
    done = run("fill", make(), *options)
    assert done.code == code
    assert said in done.err
    assert not (tmp_path / "output").exists()


def test_a_blank_that_was_changed_is_refused(run, make, tmp_path: Path, project) -> None:
    data = project.roots[0]
    shutil.copytree(data / "mappings", tmp_path / "mappings")
    shutil.copytree(data / "source_docs", tmp_path / "source_docs")
    blank = tmp_path / "source_docs/technico-commercial.pdf"
    blank.write_bytes(blank.read_bytes() + b"\n")
    done = run("fill", make())
    assert done.code == ExitCode.DOCUMENT
    assert "SHA-256" in done.err
    assert not (tmp_path / "output").exists()
    assert "SHA-256" in run("guides").out


def test_guides_tells_how_completely_each_is_mapped(run) -> None:
    rows = run("guides", "--json").json["guides"]
    ours = [one for one in rows if one["guide"] == "technico-commercial"]
    assert [(one["format"], one["mapped"], one["state"]) for one in ours] == [
        ("docx", "217/217", "prêt"),
        ("pdf", "217/217", "prêt"),
        # Those of the first release are still read.
        ("docx", "217/217", "ancien, encore lu"),
        ("pdf", "217/217", "ancien, encore lu"),
    ]
    assert "technico-commercial" in run("guides").out


def test_a_corrected_version(run, make, tmp_path: Path) -> None:
    run("fill", make())
    first = sums(tmp_path / "output")
    path = make(c1__1__1=Verdict.NON, c1__resultat=Result.NON_MAITRISEE)
    done = run("reissue", path, "--reason", "Critère mal relevé")
    assert done.code == 0
    assert "2 changements" in done.err
    assert "c1.1.1" in done.out
    assert "« NON »" in done.out
    second = sums(tmp_path / "output")
    assert files_in(tmp_path / "output") == sorted(
        [*issued(1), *issued(2, f"{STEM}_v2_modifications.pdf"), "registre.sqlite"]
    )
    assert {name: second[name] for name in issued(1)} == {name: first[name] for name in issued(1)}
    told = run("history", "--json").json["versions"]
    assert [(one["version"], one["stands"], one["reason"]) for one in told] == [
        (1, False, ""),
        (2, True, "Critère mal relevé"),
    ]


def test_reissue_needs_something_to_correct(run, make, tmp_path: Path) -> None:
    path = make()
    done = run("reissue", path, "--reason", "x")
    assert done.code == ExitCode.OUTPUT
    assert "cqp-forms fill" in done.err
    run("fill", path)
    before = sums(tmp_path / "output")
    done = run("reissue", path, "--reason", "x")
    assert done.code == ExitCode.OUTPUT
    assert "--same" in done.err
    assert sums(tmp_path / "output") == before
    assert run("reissue", path, "--reason", "Exemplaire perdu", "--same").code == 0


@pytest.mark.parametrize("reason", ["", "  ", "a\u202eb"])
def test_reissue_needs_a_reason_that_can_be_printed(run, make, reason: str) -> None:
    run("fill", make())
    done = run("reissue", make(c1__1__1=Answer(Verdict.NA, "x")), "--reason", reason)
    assert done.code == ExitCode.USAGE


def test_history_tells_intact_altered_and_missing(run, make, tmp_path: Path) -> None:
    run("fill", make())
    done = run("history")
    assert done.code == 0
    assert "intact" in done.out
    altered = tmp_path / "output" / f"{STEM}_v1.pdf"
    altered.write_bytes(altered.read_bytes() + b" ")
    done = run("history")
    assert done.code == ExitCode.DIFFERENCE
    assert "altéré" in done.out
    assert f"{STEM}_v1.pdf : altéré" in done.err
    altered.unlink()
    assert "manquant" in run("history").out
    assert run("history", "--candidate", "lefevre").code == ExitCode.DIFFERENCE
    assert (
        "Aucune version émise pour « personne »." in run("history", "--candidate", "personne").err
    )


def test_a_fiche_of_another_guide_is_one_error_not_a_hundred(run, tmp_path: Path) -> None:
    demo = Path(__file__).parents[2] / "examples/fiche-demo-conducteur-equipements.xlsx"
    done = run("fill", demo, "--guide", "technico-commercial")
    assert done.code == ExitCode.ANSWERS
    assert "fait pour le guide « demo-conducteur-equipements »" in done.err
    assert "champ-inconnu" not in done.err
    assert files_in(tmp_path) == []


def test_history_tells_homonyms_apart(run, make) -> None:
    run("fill", make())
    assert "(" not in run("history").out
    run("fill", make(dossier__reference=Answer("B")))
    out = run("history").out
    assert f"({STEM.partition('/')[0]})" in out
    assert f"({STEM.partition('/')[0]}_2)" in out


def test_there_is_no_register_to_make_of_nothing(run, tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    for folder in ("vide", "absent"):
        done = run("history", "--rebuild", folder)
        assert done.code == ExitCode.OUTPUT
        assert "aucun guide émis" in done.err
    assert files_in(tmp_path) == []


def test_history_without_a_register(run, tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    done = run("history")
    assert done.code == ExitCode.OUTPUT
    assert "--rebuild" in done.err


def test_a_lost_register_is_made_again(run, make, tmp_path: Path) -> None:
    run("fill", make())
    run("reissue", make(c1__1__1=Answer(Verdict.NA, "x")), "--reason", "Erreur")
    before = run("history", "--json").json["versions"]
    (tmp_path / "output/registre.sqlite").unlink()
    done = run("history", "--rebuild", "--json")
    assert done.code == 0
    assert done.json["versions"] == before
    assert done.json["rebuilt"]["entered"] == 2


def test_no_embed_says_what_it_loses_and_cannot_be_rebuilt(run, make, tmp_path: Path) -> None:
    assert "registre perdu" in " ".join(run("fill", "--help").out.split())
    assert run("fill", make(), "--no-embed").code == 0
    (tmp_path / "output/registre.sqlite").unlink()
    done = run("history", "--rebuild", "--json")
    assert done.code == ExitCode.DIFFERENCE
    assert done.json["versions"] == []
    assert done.json["rebuilt"]["problems"]


def test_a_folder_below_a_file_is_no_existing_file(run, make, tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("")
    done = run("fill", make(), "-o", "notes/sortie")
    assert done.code == ExitCode.OUTPUT
    assert "un fichier porte le nom d’un dossier du chemin.\n" in done.err
    assert "existe déjà" not in done.err


def test_guides_tells_where_a_guide_is_wrong_and_how_to_mend_it(run, tmp_path: Path) -> None:
    file = tmp_path / "mappings" / "mien" / "guide.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("id: mien\nshort: M\n")
    done = run("guides")
    assert done.code == 0
    assert f"{Path('mappings/mien/guide.yaml')} : la clé « title » manque." in done.err
    assert "→ Ajoutez-la" in done.err
    (row,) = [one for one in run("guides", "--json").json["guides"] if one["guide"] == "mien"]
    assert row["where"] == str(Path("mappings/mien/guide.yaml"))

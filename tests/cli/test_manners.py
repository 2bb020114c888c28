"""How the command line receives people: what is nearly right is understood, or told how to mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cqp_forms.errors import ExitCode

ROOT = Path(__file__).parents[2]
FICHE = ROOT / "examples/fiche-maitrisee.xlsx"


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["chek", "x"], "commande inconnue « chek ». Vouliez-vous dire « check » ?"),
        (["extrait"], "Vouliez-vous dire « extract » ?"),
        (["zzzz"], "commande inconnue « zzzz »."),
        (["fill", "--formt", "pdf"], "Vouliez-vous dire « --format » ?"),
        (["fill"], "argument manquant « FICHE.xlsx »"),
        (["fill", "x.xlsx"], "x.xlsx : ce fichier ou dossier n’existe pas"),
        (["fill", str(FICHE), "b", "c"], f'cqp-forms fill "{FICHE} b c"'),
        (["new", "a.xlsx", "-o", "b.xlsx"], "deux noms de fichier"),
        (["new", "fiche.pdf"], "une fiche est un classeur .xlsx, pas un fichier .pdf"),
        (["check", "-v", "-q", str(FICHE)], "-v et -q s’excluent"),
        (["-q", "check", str(FICHE), "-v"], "-v et -q s’excluent"),
    ],
)
def test_what_is_nearly_right_is_told_how_to_mend(
    run, tmp_path: Path, args: list[str], said: str
) -> None:
    done = run(*args)
    assert done.code == ExitCode.USAGE
    assert said in plain(done.err)
    assert list(tmp_path.iterdir()) == []


def test_a_name_with_spaces_is_put_between_quotes(run, tmp_path: Path) -> None:
    shutil.copy(FICHE, tmp_path / "fiche de Léa.xlsx")
    done = run("check", "fiche", "de", "Léa.xlsx", "--strict")
    assert done.code == ExitCode.USAGE
    assert 'cqp-forms check "fiche de Léa.xlsx" --strict' in done.err
    done = run("fill", "--draft", "fiche", "de", "Léa.xlsx")
    assert 'cqp-forms fill --draft "fiche de Léa.xlsx"' in done.err


def test_a_file_alone_is_no_command_and_a_guide_no_fiche(run, tmp_path: Path) -> None:
    shutil.copy(FICHE, tmp_path / "f.xlsx")
    (tmp_path / "g.pdf").write_bytes(b"%PDF-1.7")
    assert "cqp-forms check f.xlsx" in run("f.xlsx").err
    assert "cqp-forms extract g.pdf" in run("g.pdf").err
    done = run("fill", "g.pdf")
    assert done.code == ExitCode.USAGE
    assert "c’est un guide, pas une fiche" in done.err
    assert "cqp-forms extract g.pdf -o g.xlsx" in done.err


def test_help_is_a_word_too(run) -> None:
    assert run("help").out == run("--help").out
    assert run("help", "check").out == run("check", "--help").out
    assert "Commandes :" in plain(run("help").out)
    assert "Options :" in plain(run("help", "check").out)


def test_new_takes_the_name_alone(run, tmp_path: Path) -> None:
    done = run("new", "fiche de Léa.xlsx")
    assert (done.code, done.out.strip()) == (0, "fiche de Léa.xlsx")
    assert 'cqp-forms check "fiche de Léa.xlsx"' in done.err


def test_quiet_and_verbose_stand_anywhere(run) -> None:
    assert run("check", str(FICHE), "-q").err == run("-q", "check", str(FICHE)).err == ""
    assert run("check", "--verbose", str(FICHE)).code == 0


def test_merge_joins_halves_and_lists_what_differs(run, make) -> None:
    make("a.xlsx", c1__1__2=None, remarques__autre="De l’un.")
    make("b.xlsx", c2__1__1=None, remarques__autre="De l’autre.")
    done = run("merge", "a.xlsx", "b.xlsx", "-o", "c.xlsx")
    assert done.code == ExitCode.ANSWERS
    assert "[deux-reponses]" in done.err and "a.xlsx" in done.err and "b.xlsx" in done.err
    assert not Path("c.xlsx").exists()
    make("d.xlsx", c2__1__1=None, remarques__autre="De l’un.")
    done = run("merge", "a.xlsx", "d.xlsx", "-o", "c.xlsx")
    assert (done.code, done.out.strip()) == (0, "c.xlsx")
    assert run("check", "c.xlsx").code == 0
    again = run("merge", "a.xlsx", "d.xlsx", "-o", "c.xlsx")
    assert again.code == ExitCode.OUTPUT
    assert run("merge", "a.xlsx", "-o", "e.xlsx").code == ExitCode.USAGE
    assert run("merge", "a.xlsx", "absente.xlsx", "-o", "e.xlsx").code == ExitCode.USAGE

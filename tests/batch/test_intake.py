"""Intake: in a folder nothing vanishes, one bad file stops nobody, nobody is there twice unsaid."""

from __future__ import annotations

import errno
import os
import zipfile
from pathlib import Path

import pytest
from fiches import put_fiche
from generated_lots import candidates

from cqp_forms.answers import Answer, Answers
from cqp_forms.batch import intake
from cqp_forms.batch.intake import DiskQueue, Intake, take_in
from cqp_forms.batch.outcome import Outcome, State
from cqp_forms.batch.sources import find_workbooks
from cqp_forms.findings import Code
from cqp_forms.guide import Guide
from cqp_forms.project import Project
from cqp_forms.workbook.candidate import Candidate
from cqp_forms.workbook.write import write_lot


@pytest.fixture(scope="module")
def guide() -> Guide:
    return Project.at(Path()).guide()


def touch(path: Path, content: bytes = b"") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def named(folder: Path) -> dict[str, Outcome]:
    """What is named and not read, by its path in the folder."""
    found = find_workbooks([folder], None)
    return {
        str(Path(one.source).relative_to(folder)): one for one in found if isinstance(one, Outcome)
    }


def take(guide: Guide, *sources: Path) -> Intake:
    with DiskQueue[Candidate]() as queue:
        return take_in(sources, lambda _path: guide, queue, None, lambda _count: None)


def test_a_folder_is_searched_at_any_depth_and_sorted(tmp_path: Path) -> None:
    wanted = [
        touch(tmp_path / "A/fiche.xlsx"),
        touch(tmp_path / "b/c/Été.XLSX"),
        touch(tmp_path / "d.ods"),
        touch(tmp_path / "e.xls"),
        touch(tmp_path / "f.xlsb"),
        touch(tmp_path / "z.xlsm"),
    ]
    touch(tmp_path / "A/~$fiche.xlsx")
    touch(tmp_path / ".cache.xlsx")
    touch(tmp_path / "notes.docx")
    assert list(find_workbooks([tmp_path], None)) == wanted


@pytest.mark.parametrize(
    ("name", "state", "remedy"),
    [
        ("a.csv", State.UNREADABLE, "enregistrez-le au format"),
        ("a.numbers", State.UNREADABLE, "Exporter vers"),
        ("a.GSHEET", State.UNREADABLE, "Télécharger"),
        ("a.zip", State.SKIPPED, "sortez-la"),
        ("a.eml", State.SKIPPED, "sortez-la"),
        ("a.xlsx.crdownload", State.SKIPPED, "Téléchargez"),
        ("a.xlsx.bak", State.SKIPPED, "finit par"),
        ("a.xlsx~", State.SKIPPED, "finit par"),
    ],
)
def test_what_could_be_a_fiche_is_named_with_what_to_do(
    tmp_path: Path, name: str, state: State, remedy: str
) -> None:
    touch(tmp_path / name)
    (one,) = named(tmp_path).values()
    assert (one.source, one.state) == (str(tmp_path / name), state)
    assert remedy in one.findings[0].remedy


def test_a_workbook_without_its_name_is_known_by_what_it_holds(
    guide: Guide, tmp_path: Path
) -> None:
    put_fiche(tmp_path, guide, Answers({}))
    (tmp_path / "fiche.xlsx").rename(tmp_path / "fiche de Léa")
    with zipfile.ZipFile(tmp_path / "autre", "w") as archive:
        archive.writestr("rien.txt", "")
    assert named(tmp_path).keys() == {"fiche de Léa"}


def test_a_prepared_folder_without_its_fiche_is_named(tmp_path: Path) -> None:
    touch(tmp_path / "A/OUTIL4_A_vierge.pdf")
    touch(tmp_path / "A/fiche_A.xlsx")
    touch(tmp_path / "B/OUTIL4_B_vierge.pdf")
    touch(tmp_path / "B/~$fiche_B.xlsx")
    touch(tmp_path / "C/OUTIL4_C_v1.pdf")
    (one,) = named(tmp_path).values()
    assert (one.source, one.prepared) == (str(tmp_path / "B"), "B")
    assert one.findings[0].code is Code.NO_CANDIDATE


def test_a_folder_with_nothing_in_it_is_said(tmp_path: Path) -> None:
    touch(tmp_path / "~$fiche.xlsx")
    (one,) = find_workbooks([tmp_path], None)
    assert isinstance(one, Outcome)
    assert "aucune fiche" in one.findings[0].message


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    fiche = touch(tmp_path / "fiche.xlsx")
    first, second = find_workbooks([fiche, tmp_path, tmp_path / "." / "fiche.xlsx"], None)
    assert first == fiche
    assert isinstance(second, Outcome)
    assert second.state is State.REPEATED


def test_a_linked_folder_is_entered_once(tmp_path: Path) -> None:
    fiche = touch(tmp_path / "ailleurs/fiche.xlsx")
    here = tmp_path / "ici"
    here.mkdir()
    try:
        (here / "lien").symlink_to(fiche.parent, target_is_directory=True)
        (fiche.parent / "retour").symlink_to(here, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets nobody make links")
    assert [one.name for one in find_workbooks([here], None) if isinstance(one, Path)] == [
        "fiche.xlsx"
    ]


def test_a_folder_that_cannot_be_looked_into_is_named_and_the_others_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fiche = touch(tmp_path / "c/fiche.xlsx")
    (tmp_path / "b").mkdir()
    listing = os.listdir

    def refusing(path: str) -> list[str]:
        if str(path).endswith("b"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listing(path)

    monkeypatch.setattr(os, "listdir", refusing)
    closed, read = find_workbooks([tmp_path], None)
    assert read == fiche
    assert isinstance(closed, Outcome)
    assert (closed.source, closed.state) == (str(tmp_path / "b"), State.UNREADABLE)
    assert "accès refusé" in closed.findings[0].message


@pytest.mark.parametrize("fault", [ValueError, RecursionError, MemoryError, ArithmeticError])
def test_whatever_a_reader_raises_that_file_is_unreadable_and_the_others_are_read(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    touch(tmp_path / "a.xlsx", b"PK\x03\x04")
    put_fiche(tmp_path, guide, next(iter(candidates(guide, 1))), "b.xlsx")
    opened = intake.open_workbook

    def failing(path: Path) -> object:
        if path.name == "a.xlsx":
            raise fault("au fond du lecteur")
        return opened(path)

    monkeypatch.setattr(intake, "open_workbook", failing)
    bad, good = take(guide, tmp_path).entries
    assert isinstance(bad, Outcome)
    assert bad.state is State.UNREADABLE
    assert fault.__name__ in bad.findings[0].message
    assert not isinstance(good, Outcome)


def halves(guide: Guide) -> tuple[Answers, Answers, Answers]:
    """A fiche, and the same in two parts that have the identity in common."""
    whole = next(iter(candidates(guide, 1)))
    late, early = ("c4", "c5", "c6"), ("c1", "c2", "c3")
    first = {key: one for key, one in whole.items() if not key.startswith(late)}
    second = {key: one for key, one in whole.items() if not key.startswith(early)}
    return whole, Answers(first), Answers(second)


def test_halves_are_recognised_and_the_command_is_whole(guide: Guide, tmp_path: Path) -> None:
    _, first, second = halves(guide)
    folder = tmp_path / "deux moitiés"
    folder.mkdir()
    put_fiche(folder, guide, first, "a.xlsx")
    put_fiche(folder, guide, second, "b.xlsx")
    clashes = take(guide, folder).clashes
    assert [state for state, _ in clashes.values()] == [State.DUPLICATE] * 2
    for _, found in clashes.values():
        assert found.code is Code.COMPLEMENTARY
        assert (
            f'cqp-forms merge "{folder / "a.xlsx"}" "{folder / "b.xlsx"}" '
            f'-o "{folder / "a_reunie.xlsx"}"' in found.remedy
        )


def test_of_two_copies_the_first_counts(guide: Guide, tmp_path: Path) -> None:
    whole, *_ = halves(guide)
    put_fiche(tmp_path, guide, whole, "z.xlsx")
    put_fiche(tmp_path, guide, whole, "a.xlsx")
    taken = take(guide, tmp_path / "z.xlsx", tmp_path / "a.xlsx")
    first, second = taken.entries
    assert not isinstance(first, Outcome) and not isinstance(second, Outcome)
    assert first.place not in taken.clashes
    state, found = taken.clashes[second.place]
    assert (state, found.code) == (State.COPY, Code.SAME_FICHE)
    assert "z.xlsx" in found.message


def test_other_answers_are_a_clash_for_all(guide: Guide, tmp_path: Path) -> None:
    whole, first, _ = halves(guide)
    other = Answers({**first, "remarques.autre": Answer("Autre chose.")})
    third = Answers({**whole, "remarques.autre": Answer("Non.")})
    write_lot(tmp_path / "lot.xlsx", guide, [other, third, third])
    codes = [found.code for _, found in take(guide, tmp_path).clashes.values()]
    assert codes == [Code.SAME_CANDIDATE] * 3

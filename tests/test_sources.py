"""From folders, fiches and lots to the workbooks to read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cqp_forms.errors import AnswersError, ExitCode
from cqp_forms.sources import find_workbooks


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return path


def test_a_folder_is_searched_at_any_depth_and_sorted(tmp_path: Path) -> None:
    wanted = [
        touch(tmp_path / "A/fiche.xlsx"),
        touch(tmp_path / "b/c/Été.XLSX"),
        touch(tmp_path / "z.xlsm"),
    ]
    touch(tmp_path / "A/~$fiche.xlsx")
    touch(tmp_path / ".cache.xlsx")
    touch(tmp_path / "notes.docx")
    assert find_workbooks([tmp_path]) == wanted


def test_a_file_named_twice_is_read_once(tmp_path: Path) -> None:
    fiche = touch(tmp_path / "fiche.xlsx")
    assert find_workbooks([fiche, tmp_path, tmp_path / "." / "fiche.xlsx"]) == [fiche]


def test_a_file_named_outright_is_kept_whatever_its_extension(tmp_path: Path) -> None:
    # Reading it tells what is wrong with it; dropping it would be silent.
    fiche = touch(tmp_path / "fiche.xls")
    assert find_workbooks([fiche]) == [fiche]


@pytest.mark.parametrize("name", ["absent.xlsx", "absent"])
def test_a_missing_source_is_an_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(AnswersError, match="n’existe pas") as caught:
        find_workbooks([tmp_path / name])
    assert caught.value.exit_code is ExitCode.ANSWERS
    assert name in caught.value.where


def test_a_folder_with_nothing_in_it_is_said(tmp_path: Path) -> None:
    touch(tmp_path / "~$fiche.xlsx")
    with pytest.raises(AnswersError, match="aucun classeur"):
        find_workbooks([tmp_path])


def test_a_folder_that_cannot_be_looked_into_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path / "a/fiche.xlsx")
    (tmp_path / "b").mkdir()
    scan = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("b"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(AnswersError, match="accès refusé") as caught:
        find_workbooks([tmp_path])
    assert caught.value.where == str(tmp_path / "b")


def test_a_source_that_may_not_be_asked_about_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(path: Path, **_: object) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refusing)
    with pytest.raises(AnswersError, match="accès refusé"):
        find_workbooks([tmp_path / "fiche.xlsx"])

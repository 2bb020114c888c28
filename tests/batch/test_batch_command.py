"""The command « batch »: exit codes, what it tells, its bundle, and how it ends when it must."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result
from generated_lots import broken, candidates
from generated_lots import write as lot
from openpyxl import load_workbook

from cqp_forms.answers import Answer, Answers
from cqp_forms.cli import program
from cqp_forms.errors import ExitCode
from cqp_forms.guide import Guide
from cqp_forms.issuing.register import Access, Register
from cqp_forms.workbook.xlsx import GUIDE_PROPERTY as PROPERTY

ROOT = Path(__file__).parents[2]


def command(*arguments: str | Path, jobs: int = 1) -> list[str]:
    return [
        "--project", str(ROOT), "batch", *map(str, arguments),
        "--jobs", str(jobs), "--format", "pdf",
    ]  # fmt: skip


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(program, command(*arguments))


def test_a_mixed_batch_is_exit_7_with_a_report(guide: Guide, tmp_path: Path) -> None:
    one, two, three = candidates(guide, 3)
    path = lot(guide, tmp_path / "lot.xlsx", [one, broken(two, 0), three])
    ran = invoke(path, "-o", tmp_path / "o")
    assert ran.exit_code == ExitCode.PARTIAL
    assert "✓" in ran.stderr and "émis (version 1)" in ran.stderr
    assert "[critere-sans-reponse]" in ran.stderr and "lot.xlsx, ligne 5" in ran.stderr
    assert "Bilan\u00a0: 2\u00a0émis, 1\u00a0en cours." in ran.stderr
    assert "\x1b[K" not in ran.stderr  # plain lines when piped
    assert ran.stdout == ""
    sheet = load_workbook(tmp_path / "o" / "rapport.xlsx")["Émissions"]
    assert [row[3].value for row in sheet.iter_rows(min_row=6)] == [
        "émis",
        "en cours 83/84",
        "émis",
    ]
    again = invoke(path, "-o", tmp_path / "o")
    assert "2\u00a0déjà émis" in again.stderr


def test_json_is_one_document_and_says_all(guide: Guide, tmp_path: Path) -> None:
    path = lot(guide, tmp_path / "lot.xlsx", candidates(guide, 2))
    ran = invoke(path, "-o", tmp_path / "o", "--json", "--print-bundle", tmp_path / "b.pdf")
    assert ran.exit_code == ExitCode.DONE
    told = json.loads(ran.stdout)
    assert [one["state"] for one in told["candidates"]] == ["emis", "emis"]
    assert told["bundle"] == str(tmp_path / "b.pdf")
    assert told["report"] == str(tmp_path / "o" / "rapport.xlsx")
    for one in told["candidates"]:
        assert all((tmp_path / "o" / name).is_file() for name in one["files"])


def test_quiet_tells_errors_alone(guide: Guide, tmp_path: Path) -> None:
    one, two = candidates(guide, 2)
    path = lot(guide, tmp_path / "lot.xlsx", [one, broken(two, 1)])
    ran = CliRunner().invoke(program, ["-q", *command(path, "-o", tmp_path / "o")])
    assert "na-sans-precision" in ran.stderr
    assert "✓" not in ran.stderr and "Bilan" not in ran.stderr


def test_nothing_at_all_is_exit_3_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    ran = invoke(tmp_path / "vide", "-o", tmp_path / "o")
    assert ran.exit_code == ExitCode.ANSWERS
    assert "aucune fiche" in ran.stderr
    assert not (tmp_path / "o").exists()


def test_only_broken_rows_are_exit_3_with_a_report(guide: Guide, tmp_path: Path) -> None:
    path = lot(guide, tmp_path / "lot.xlsx", [broken(one, 0) for one in candidates(guide, 2)])
    ran = invoke(path, "-o", tmp_path / "o")
    assert ran.exit_code == ExitCode.ANSWERS
    assert [one.name for one in (tmp_path / "o").iterdir()] == ["rapport.xlsx"]


def test_other_answers_alone_are_exit_5(guide: Guide, tmp_path: Path) -> None:
    (answers,) = candidates(guide, 1)
    path = lot(guide, tmp_path / "lot.xlsx", [answers])
    invoke(path, "-o", tmp_path / "o")
    path.unlink()
    other = Answers(dict(answers) | {"remarques.autre": Answer("autre chose")})
    ran = invoke(lot(guide, path, [other]), "-o", tmp_path / "o")
    assert ran.exit_code == ExitCode.OUTPUT
    assert "reissue" in ran.stderr


def test_the_bundle_has_a_bookmark_a_candidate_in_their_order(guide: Guide, tmp_path: Path) -> None:
    one, two, three = candidates(guide, 3)
    path = lot(guide, tmp_path / "lot.xlsx", [one, broken(two, 0), three])
    bundle = tmp_path / "impressions" / "b.pdf"
    ran = invoke(path, "-o", tmp_path / "o", "--print-bundle", bundle)
    assert ran.exit_code == ExitCode.PARTIAL
    told = f"À imprimer\u00a0: {bundle} (2 guides, "
    assert told in ran.stderr.replace("À imprimer :", "À imprimer\u00a0:")
    with pikepdf.open(bundle) as pdf, pdf.open_outline() as outline:
        names = [mark.title for mark in outline.root]
        starts = [pdf.pages.index(pikepdf.Page(mark.destination[0])) for mark in outline.root]
    assert names == [
        f"{answers.text('candidat.nom').upper()} {answers.text('candidat.prenom')}"
        for answers in (one, three)
    ]
    assert all(start % 2 == 0 for start in starts)  # from 0: odd pages
    # Again, with what was issued before: the bundle is replaced.
    assert invoke(path, "-o", tmp_path / "o", "--print-bundle", bundle).exit_code == ran.exit_code
    assert [one.name for one in bundle.parent.iterdir()] == ["b.pdf"]


def test_a_bundle_never_replaces_anything_else(guide: Guide, tmp_path: Path) -> None:
    path = lot(guide, tmp_path / "lot.xlsx", candidates(guide, 1))
    invoke(path, "-o", tmp_path / "o")
    (issued,) = (tmp_path / "o").rglob("*_v1.pdf")
    before = issued.read_bytes()
    ran = invoke(path, "-o", tmp_path / "p", "--print-bundle", issued)
    assert ran.exit_code == ExitCode.OUTPUT
    assert issued.read_bytes() == before
    assert not (tmp_path / "p").exists()  # said before anything is issued


@pytest.mark.parametrize("bad", ["manquant", "altéré"])
def test_a_pdf_that_is_not_intact_is_left_out_of_the_bundle_and_said(
    guide: Guide, tmp_path: Path, bad: str
) -> None:
    path = lot(guide, tmp_path / "lot.xlsx", candidates(guide, 2))
    invoke(path, "-o", tmp_path / "o")
    gone = min((tmp_path / "o").rglob("*_v1.pdf"))
    if bad == "manquant":
        gone.unlink()
    else:  # damaged: same length, no PDF any more
        gone.write_bytes(b"x" * gone.stat().st_size)
    ran = invoke(path, "-o", tmp_path / "o", "--print-bundle", tmp_path / "b.pdf")
    assert f"{gone.name} est {bad}." in ran.stderr
    assert "(1 guide, " in ran.stderr


def test_results_of_all_who_have_their_guide(guide: Guide, tmp_path: Path) -> None:
    *rows, last = candidates(guide, 3)
    rows.append(broken(last, 0))
    path, target = lot(guide, tmp_path / "l.xlsx", rows), tmp_path / "resultats.xlsx"
    done = invoke(path, "-o", tmp_path / "o", "--results", target, "--json")
    assert done.exit_code == ExitCode.PARTIAL
    assert json.loads(done.stdout)["results"] == str(target)
    alone = tmp_path / "autre.xlsx"
    CliRunner().invoke(program, ["results", str(path), "-o", str(alone)])
    cells = [list(load_workbook(one).active.values) for one in (target, alone)]
    assert cells[0] == cells[1][:-6]  # who has no guide has nothing to copy yet
    assert {row[1] for row in cells[1][-6:]} == {"D-00003"}


@pytest.mark.parametrize(("name", "code"), [("r.pdf", 2), ("l.xlsx", 5)])
def test_results_that_cannot_be_written_stop_the_batch_before_it_begins(
    guide: Guide, tmp_path: Path, name: str, code: int
) -> None:
    path = lot(guide, tmp_path / "l.xlsx", candidates(guide, 1))
    before = path.read_bytes()
    done = invoke(path, "-o", tmp_path / "o", "--results", tmp_path / name)
    assert done.exit_code == code
    assert path.read_bytes() == before
    assert not (tmp_path / "o").exists()


def test_a_bundle_of_docx_is_a_misunderstanding(tmp_path: Path) -> None:
    ran = CliRunner().invoke(
        program,
        ["batch", str(tmp_path), "--format", "docx", "--print-bundle", str(tmp_path / "b.pdf")],
    )
    assert ran.exit_code == ExitCode.USAGE


def test_a_workbook_made_for_another_guide_is_said(guide: Guide, tmp_path: Path) -> None:
    path = lot(guide, tmp_path / "lot.xlsx", candidates(guide, 1))
    book = load_workbook(path)
    book.custom_doc_props[PROPERTY].value = "boulanger"
    book.save(path)
    ran = invoke(path, "-o", tmp_path / "o")
    assert ran.exit_code == ExitCode.ANSWERS
    assert "boulanger" in ran.stderr and "--guide" in ran.stderr


def test_a_report_that_cannot_be_written_does_not_hide_what_was_issued(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cqp_forms.batch import report
    from cqp_forms.errors import OutputError

    def full(*_: object) -> Path:
        raise OutputError("le disque est plein")

    monkeypatch.setattr(report, "write_report", full)
    path = lot(guide, tmp_path / "lot.xlsx", candidates(guide, 1))
    ran = invoke(path, "-o", tmp_path / "o", "--json")
    assert ran.exit_code == ExitCode.OUTPUT
    assert "disque est plein" in ran.stderr
    assert json.loads(ran.stdout)["report"] is None
    assert json.loads(ran.stdout)["candidates"][0]["state"] == "emis"


def start(path: Path, output: Path, jobs: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "cqp_forms", *command(path, "-o", output, jobs=jobs)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        start_new_session=True,  # a group of its own, as a terminal gives it
    )


def issued(output: Path) -> list[str]:
    if not (output / "registre.sqlite").exists():
        return []
    with Register.open(output, Access.READ) as register:
        return [one.key for one in register.versions()]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.apart), 2])
def test_ctrl_c_ends_well_and_the_same_command_carries_on(
    guide: Guide, tmp_path: Path, jobs: int
) -> None:
    path, output = lot(guide, tmp_path / "l.xlsx", candidates(guide, 80)), tmp_path / "o"
    running = start(path, output, jobs)
    assert running.stderr is not None
    for line in running.stderr:
        if "émis" in line:
            break
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to parent and workers alike
    told = running.stderr.read()
    assert running.wait(60) == ExitCode.INTERRUPTED
    assert "Traceback" not in told
    assert "Relancez la même commande" in told
    some = issued(output)
    assert 0 < len(some) < 80
    assert not (output / ".emission").exists()
    sheet = load_workbook(output / "rapport.xlsx")["Émissions"]
    states = [row[3].value for row in sheet.iter_rows(min_row=6)]
    assert states.count("émis") == len(some) and states.count("non traité") == 80 - len(some)

    again = start(path, output, jobs)
    assert again.communicate()[1].count("déjà émis (") == len(some)
    assert again.returncode == ExitCode.DONE
    assert sorted(issued(output)) == sorted({f"d-{number:05d}" for number in range(1, 81)})


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("jobs", "times", "count"),
    [
        (2, 2, 60),
        pytest.param(1, 2, 60, marks=pytest.mark.apart),
        pytest.param(1, 10, 300, marks=pytest.mark.apart),
        pytest.param(2, 10, 300, marks=pytest.mark.apart),
    ],
)
def test_killed_and_begun_again_everyone_is_issued_exactly_once(
    guide: Guide, tmp_path: Path, jobs: int, times: int, count: int
) -> None:
    path, output = lot(guide, tmp_path / "l.xlsx", candidates(guide, count)), tmp_path / "o"
    moment = random.Random(jobs)
    for _ in range(times):
        running = start(path, output, jobs)
        assert running.stderr is not None
        for line in running.stderr:  # past the start, which is the longest part
            if "émis" in line and "déjà" not in line:
                break
        time.sleep(moment.uniform(0.0, 0.4))
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        running.stderr.close()
        keys = issued(output)
        assert len(keys) == len(set(keys))
    last = start(path, output, jobs)
    told = last.communicate()[1]
    assert last.returncode == ExitCode.DONE, told
    assert sorted(issued(output)) == [f"d-{number:05d}" for number in range(1, count + 1)]
    assert len(list(output.rglob("*_v1.pdf"))) == count
    assert not (output / ".emission").exists()
    ran = CliRunner().invoke(program, ["history", str(output), "--json"])
    assert ran.exit_code == ExitCode.DONE


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
def test_workers_do_not_outlive_a_parent_that_is_killed(guide: Guide, tmp_path: Path) -> None:
    path, output = lot(guide, tmp_path / "l.xlsx", candidates(guide, 100)), tmp_path / "o"
    running = start(path, output, jobs=2)
    assert running.stderr is not None
    for line in running.stderr:
        if "émis" in line:
            break
    assert len(group(running.pid)) >= 3
    running.kill()  # the parent alone
    running.wait()
    running.stderr.close()
    for _ in range(100):
        if not group(running.pid):
            break
        time.sleep(0.1)
    assert group(running.pid) == []


def group(leader: int) -> list[str]:
    """The processes of a process group that are alive."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, process_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue  # it has just ended
        if int(process_group) == leader and state != "Z":
            found.append(stat.parent.name)
    return found

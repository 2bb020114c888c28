"""A batch: candidates stand alone, orders keep their sequence, nothing is guessed."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from fiches import put_fiche
from generated_lots import broken, candidates, with_broken_rows, write

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.batch import workers
from cqp_forms.batch.intake import DiskQueue
from cqp_forms.batch.outcome import Outcome, State, Totals
from cqp_forms.batch.run import Job, Purpose, Strictness, run_batch
from cqp_forms.cli.session import Session, SettingsFactory
from cqp_forms.errors import ExitCode
from cqp_forms.guide import Guide
from cqp_forms.issuing.register import Access, Register
from cqp_forms.issuing.request import Settings
from cqp_forms.mapping import Format
from cqp_forms.plan import make_plan
from cqp_forms.project import DEFAULT_GUIDE
from cqp_forms.shown import differences

STARTED = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
BOTH = SettingsFactory(Session(Path(__file__).parents[2]), DEFAULT_GUIDE)
PDF = replace(BOTH, formats="pdf")


@pytest.fixture(autouse=True)
def few_candidates_pay_for_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cqp_forms.batch.run.PER_PROCESS", 1)


@dataclass
class Watch:
    """Remembers, and stops after so many candidates."""

    stop_after: int = 10**9
    count: int = 0
    total: int = 0

    def read(self, count: int) -> None:
        pass

    def begin(self, total: int) -> None:
        self.total = total

    def done(self, outcome: Outcome) -> None:
        self.count += 1

    def stopped(self) -> bool:
        return self.count >= self.stop_after


@dataclass
class Ran:
    outcomes: list[Outcome]
    totals: Totals
    watch: Watch

    @property
    def states(self) -> list[State]:
        return [one.state for one in self.outcomes]

    @property
    def codes(self) -> set[str]:
        return {problem.code for one in self.outcomes for problem in one.errors}


def job(*sources: Path, output: Path, **changed: object) -> Job:
    plain: dict[str, object] = {
        "settings": PDF,
        "started": STARTED,
        "jobs": 1,
        "clock": time.perf_counter,
    }
    return Job(sources=sources, output=output, **(plain | changed))  # type: ignore[arg-type]


def run(one: Job, watch: Watch | None = None) -> Ran:
    watch = watch or Watch()
    settings = one.settings()
    with DiskQueue[Outcome]() as spool:
        totals = run_batch(one, settings, watch, spool)
        return Ran(list(spool), totals, watch)


@pytest.fixture
def lot(guide: Guide, tmp_path: Path) -> Path:
    return write(guide, tmp_path / "lot.xlsx", candidates(guide, 6))


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.suffix in {".docx", ".pdf"}
    }


def changed(answers: Answers, **values: object) -> Answers:
    found = {key.replace("__", "."): Answer(value) for key, value in values.items()}  # type: ignore[arg-type]
    return Answers(dict(answers.by_field) | found)


def require_as_issued(
    guide: Guide, folder: Path, settings: Settings, wanted: list[Answers]
) -> None:
    """Every version has its files, unchanged, and they show the answers; nobody twice."""
    with Register.open(folder, Access.READ) as register:
        versions = register.versions()
    by_answers = {one.answers: one for one in versions}
    assert len(versions) == len(wanted) == len({one.key for one in versions})
    listed: set[str] = set()
    for answers in wanted:
        version = by_answers[answers.canonical_json()]
        assert version.number == 1
        plan = make_plan(guide, answers)
        for blank in settings.blanks:
            (file,) = (one for one in version.files if one.path.endswith(f".{blank.format}"))
            content = (folder / file.path).read_bytes()
            assert hashlib.sha256(content).hexdigest() == file.sha256
            assert not differences(plan, blank.read(content))
            listed.add(file.path)
    assert files(folder).keys() == listed
    assert not (folder / ".emission").exists()


def test_broken_rows_are_reported_and_the_others_issued(guide: Guide, tmp_path: Path) -> None:
    rows = with_broken_rows(guide, 20, 4)
    ran = run(job(write(guide, tmp_path / "l.xlsx", rows), output=tmp_path / "o", settings=BOTH))
    assert ran.totals.states == {State.ISSUED: 16, State.INVALID: 4}
    assert ran.totals.exit_code is ExitCode.PARTIAL
    assert ran.codes == {"critere-sans-reponse", "na-sans-precision", "maitrise-incoherente"}
    assert all(one.errors[0].cell for one in ran.outcomes if one.state is State.INVALID)
    good = [a for a, one in zip(rows, ran.outcomes, strict=True) if one.state is State.ISSUED]
    require_as_issued(guide, tmp_path / "o", BOTH(), good)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("count", "broken"), [(40, 12), pytest.param(1000, 30, marks=pytest.mark.apart)]
)
def test_a_large_batch(guide: Guide, tmp_path: Path, count: int, broken: int) -> None:
    rows = with_broken_rows(guide, count, broken)
    path = write(guide, tmp_path / "l.xlsx", rows)
    ran = run(job(path, output=tmp_path / "o", settings=BOTH, jobs=2))
    assert ran.totals.states == {State.ISSUED: count - broken, State.INVALID: broken}
    good = [a for a, one in zip(rows, ran.outcomes, strict=True) if one.state is State.ISSUED]
    require_as_issued(guide, tmp_path / "o", BOTH(), good)


def test_two_processes_give_the_same_bytes(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Namesakes: who gets the folder without a number must not depend on who is ready first.
    rows = [changed(one, candidat__nom="Durand") for one in candidates(guide, 9)]
    lot = write(guide, tmp_path / "l.xlsx", rows)
    # The ids of the versions are random: here both runs draw the same ones, in the same order.
    monkeypatch.setattr("cqp_forms.pagecode.secrets.choice", Random(1).choice)
    alone = run(job(lot, output=tmp_path / "1", settings=BOTH))
    monkeypatch.setattr("cqp_forms.pagecode.secrets.choice", Random(1).choice)
    shared = run(job(lot, output=tmp_path / "2", settings=BOTH, jobs=2))
    assert alone.totals.done == 9
    assert files(tmp_path / "1") == files(tmp_path / "2")
    assert [one.files for one in alone.outcomes] == [one.files for one in shared.outcomes]


def test_a_small_batch_starts_no_process(
    guide: Guide, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cqp_forms.batch.run.PER_PROCESS", workers.PER_PROCESS)

    def forbidden(*_: object) -> None:
        raise AssertionError("starting it takes longer than the batch")

    monkeypatch.setattr(workers, "InProcesses", forbidden)
    lot = write(guide, tmp_path / "l.xlsx", candidates(guide, 3))
    assert run(job(lot, output=tmp_path / "o", jobs=2)).states == [State.ISSUED] * 3


def test_again_nobody_is_issued_twice(guide: Guide, lot: Path, tmp_path: Path) -> None:
    first = run(job(lot, output=tmp_path / "o"))
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "o").rglob("*.pdf")}
    second = run(job(lot, output=tmp_path / "o", started=datetime(2026, 11, 25, tzinfo=UTC)))
    assert set(second.states) == {State.ALREADY}
    assert second.totals.exit_code is ExitCode.DONE
    assert [one.files for one in first.outcomes] == [one.files for one in second.outcomes]
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "o").rglob("*.pdf")}


def test_other_answers_are_left_to_reissue(guide: Guide, lot: Path, tmp_path: Path) -> None:
    run(job(lot, output=tmp_path / "o"))
    issued = files(tmp_path / "o")
    rows = list(candidates(guide, 6))
    rows[2] = changed(rows[2], remarques__autre="autre chose")
    lot.unlink()
    ran = run(job(write(guide, lot, rows), output=tmp_path / "o"))
    assert ran.states.count(State.ALREADY) == 5
    assert ran.states[2] is State.CHANGED
    (problem,) = ran.outcomes[2].errors
    assert problem.code == "deja-emis-autrement" and "reissue" in problem.remedy
    assert ran.totals.exit_code is ExitCode.PARTIAL
    assert files(tmp_path / "o") == issued


def test_what_was_altered_since_is_told(lot: Path, tmp_path: Path) -> None:
    first = run(job(lot, output=tmp_path / "o"))
    altered, missing = (tmp_path / "o" / one.files[0].path for one in first.outcomes[:2])
    altered.write_bytes(altered.read_bytes() + b"\n")
    missing.unlink()
    ran = run(job(lot, output=tmp_path / "o", settings=PDF))
    told = [one.warnings[-1].message for one in ran.outcomes[:2]]
    assert "altéré" in told[0] and "manquant" in told[1]
    assert not missing.exists()


def test_a_format_that_was_not_issued_is_told(lot: Path, tmp_path: Path) -> None:
    run(job(lot, output=tmp_path / "o"))
    ran = run(job(lot, output=tmp_path / "o", settings=BOTH))
    assert set(ran.states) == {State.ALREADY}
    assert all("sans DOCX" in one.warnings[-1].message for one in ran.outcomes)


def test_two_candidates_of_one_key_are_both_refused(guide: Guide, tmp_path: Path) -> None:
    rows = list(candidates(guide, 4))
    rows[3] = changed(rows[3], dossier__reference=" d-00001 ")
    ran = run(job(write(guide, tmp_path / "l.xlsx", rows), output=tmp_path / "o"))
    assert ran.states == [State.DUPLICATE, State.ISSUED, State.ISSUED, State.DUPLICATE]
    assert ran.codes == {"candidat-en-double"}
    assert "l.xlsx, ligne 7" in ran.outcomes[0].errors[0].message
    assert "dossier.reference" in ran.outcomes[0].errors[0].remedy


def test_without_a_reference_the_identity_is_the_key(guide: Guide, tmp_path: Path) -> None:
    rows = [
        changed(one, candidat__nom="DÜRAND", candidat__prenom="Zoé", candidat__entreprise=company)
        for one, company in zip(candidates(guide, 3), ("A", "a", "B"), strict=True)
    ]
    rows = [
        Answers({key: one for key, one in row.items() if key != "dossier.reference"})
        for row in rows
    ]
    ran = run(job(write(guide, tmp_path / "l.xlsx", rows), output=tmp_path / "o"))
    assert ran.states == [State.DUPLICATE, State.DUPLICATE, State.ISSUED]


def test_candidates_without_any_name_are_no_duplicates(guide: Guide, tmp_path: Path) -> None:
    identity = ("dossier.reference", "candidat.nom", "candidat.prenom", "candidat.entreprise")
    rows = [
        Answers({key: one for key, one in row.items() if key not in identity})
        for row in candidates(guide, 2)
    ]
    ran = run(job(write(guide, tmp_path / "l.xlsx", rows), output=tmp_path / "o"))
    assert ran.states == [State.INVALID, State.INVALID]
    assert ran.codes == {"identite-incomplete"}


def test_a_fiche_that_is_there_twice_is_said(guide: Guide, tmp_path: Path) -> None:
    folder = tmp_path / "fiches"
    one, two = candidates(guide, 2)
    put_fiche(folder, guide, one, "a.xlsx")
    shutil.copy(folder / "a.xlsx", folder / "a (copie).xlsx")
    put_fiche(folder, guide, two, "b.xlsx")
    ran = run(job(folder, output=tmp_path / "o"))
    assert ran.states == [State.ISSUED, State.COPY, State.ISSUED]
    assert "a (copie).xlsx" in ran.outcomes[1].warnings[0].message
    assert ran.totals.exit_code is ExitCode.DONE


def test_a_fiche_named_twice_is_read_once(guide: Guide, tmp_path: Path) -> None:
    path = tmp_path / "fiches" / "a.xlsx"
    put_fiche(path.parent, guide, next(candidates(guide, 1)), path.name)
    ran = run(job(path.parent, path, output=tmp_path / "o"))
    assert ran.states == [State.ISSUED, State.REPEATED]
    assert ran.outcomes[1].warnings[0].code == "source-nommee-deux-fois"
    assert ran.totals.exit_code is ExitCode.DONE


def test_any_mix_of_sources(guide: Guide, tmp_path: Path) -> None:
    rows = list(candidates(guide, 5))
    put_fiche(tmp_path / "d" / "é", guide, rows[0], "z.xlsx")
    (tmp_path / "d" / "~$z.xlsx").write_bytes(b"verrou")
    put_fiche(tmp_path, guide, rows[1], "seule.xlsx")
    lot = write(guide, tmp_path / "lot.xlsx", rows[2:])
    ran = run(job(tmp_path / "d", tmp_path / "seule.xlsx", lot, output=tmp_path / "o"))
    assert ran.states == [State.ISSUED] * 5
    assert [one.row for one in ran.outcomes] == [None, None, 4, 5, 6]


def test_bad_sources_do_not_stop_the_others(guide: Guide, lot: Path, tmp_path: Path) -> None:
    (tmp_path / "vide").mkdir()
    (tmp_path / "abime.xlsx").write_bytes(b"PK\x03\x04 rien")
    empty = write(guide, tmp_path / "sans-ligne.xlsx", [])
    sources = [tmp_path / "vide", tmp_path / "abime.xlsx", tmp_path / "absent", empty, lot]
    ran = run(job(*sources, output=tmp_path / "o"))
    assert ran.states == [State.UNREADABLE] * 4 + [State.ISSUED] * 6
    assert [one.source for one in ran.outcomes[:4]] == [str(one) for one in sources[:4]]
    assert [one.errors[0].code for one in ran.outcomes[:4]] == [
        "source-sans-candidat", "source-illisible", "source-illisible", "source-sans-candidat",
    ]  # fmt: skip
    assert ran.totals.exit_code is ExitCode.PARTIAL


def test_a_lot_that_breaks_off_is_not_trusted_for_its_first_half(
    guide: Guide, lot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cqp_forms.batch import intake
    from cqp_forms.errors import AnswersError

    read = intake.read_workbook

    def cut(path: Path, guide: Guide, _known: object) -> Iterable[object]:
        rows = read(path, guide)
        yield next(rows)
        raise AnswersError("le classeur est endommagé.")

    monkeypatch.setattr(intake, "read_workbook", cut)
    ran = run(job(lot, output=tmp_path / "o"))
    assert ran.states == [State.UNREADABLE]
    assert not (tmp_path / "o").exists()


def test_the_report_of_an_earlier_batch_is_no_source(guide: Guide, tmp_path: Path) -> None:
    put_fiche(tmp_path, guide, next(candidates(guide, 1)), "a.xlsx")
    (tmp_path / "rapport.xlsx").write_bytes(b"x")
    (tmp_path / "rapport_2026-11-24_14h05.xlsx").write_bytes(b"x")
    assert run(job(tmp_path, output=tmp_path)).states == [State.ISSUED]
    # From another output folder, into which that one lies among the sources.
    assert run(job(tmp_path, output=tmp_path / "autre")).states == [State.ISSUED]
    (tmp_path / "registre.sqlite").unlink()
    assert State.UNREADABLE in run(job(tmp_path, output=tmp_path / "autre")).states


def test_when_nobody_is_issued_the_answers_are_to_blame(guide: Guide, tmp_path: Path) -> None:
    rows = [broken(one, 0) for one in candidates(guide, 2)]
    ran = run(job(write(guide, tmp_path / "l.xlsx", rows), output=tmp_path / "o"))
    assert ran.totals.exit_code is ExitCode.ANSWERS
    assert not (tmp_path / "o").exists()


def test_strictly_a_warning_blocks(guide: Guide, tmp_path: Path) -> None:
    one, two = candidates(guide, 2)
    lot = write(guide, tmp_path / "l.xlsx", [changed(one, apports__precisez="rien"), two])
    assert run(job(lot, output=tmp_path / "a")).outcomes[0].warnings
    ran = run(job(lot, output=tmp_path / "b", strictness=Strictness.STRICT))
    assert ran.states == [State.INVALID, State.ISSUED]
    assert ran.codes == {"autre-sans-precision"}


def test_drafts_are_not_registered_and_may_be_incomplete(guide: Guide, tmp_path: Path) -> None:
    rows = [broken(one, way) for way, one in enumerate(candidates(guide, 3))]
    lot = write(guide, tmp_path / "l.xlsx", rows)
    for jobs in (1, 2):  # again, over the first
        ran = run(job(lot, output=tmp_path / "o", purpose=Purpose.DRAFT, jobs=jobs))
        assert ran.states == [State.DRAFT, State.DRAFT, State.DRAFT]
        assert all(one.files[0].path.endswith("_brouillon.pdf") for one in ran.outcomes)
    assert len(files(tmp_path / "o")) == 3
    assert not (tmp_path / "o" / "registre.sqlite").exists()


def test_stopped_what_is_issued_stays_and_the_rest_follows(guide: Guide, tmp_path: Path) -> None:
    count = 24
    lot = write(guide, tmp_path / "lot.xlsx", candidates(guide, count))
    for jobs in (1, 2):
        output = tmp_path / f"o{jobs}"
        ran = run(job(lot, output=output, jobs=jobs), Watch(stop_after=2))
        issued = ran.states.count(State.ISSUED)
        assert 2 <= issued < count
        assert ran.states[issued:] == [State.UNTREATED] * (count - issued)
        assert ran.totals.exit_code is ExitCode.INTERRUPTED
        assert len(files(output)) == issued
        assert not (output / ".emission").exists()
        again = run(job(lot, output=output, jobs=jobs))
        assert again.states == [State.ALREADY] * issued + [State.ISSUED] * (count - issued)
        require_as_issued(guide, output, PDF(), list(candidates(guide, count)))


@dataclass(frozen=True)
class Faulty:
    """Settings whose checkpoint fails once, at a step, in whatever process it happens."""

    flag: Path
    step: str
    deadly: bool = False

    def __call__(self) -> Settings:
        return replace(PDF(), checkpoint=self.check)

    def check(self, step: str) -> None:
        if step == self.step and self.flag.exists():
            self.flag.unlink()
            if self.deadly:
                os._exit(9)
            raise RuntimeError("accident")


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_accident_is_one_candidate_s(lot: Path, tmp_path: Path, jobs: int) -> None:
    flag = tmp_path / "flag"
    flag.touch()
    faulty = Faulty(flag, f"stamp {Format.PDF}")
    ran = run(job(lot, output=tmp_path / "o", settings=faulty, jobs=jobs))
    assert ran.totals.states == {State.ISSUED: 5, State.FAILED: 1}
    (failed,) = (one for one in ran.outcomes if one.state is State.FAILED)
    assert failed.errors[0].code == "panne-imprevue"
    assert "RuntimeError" in failed.errors[0].message
    assert not (tmp_path / "o" / ".emission").exists()
    assert run(job(lot, output=tmp_path / "o")).totals.states[State.ISSUED] == 1


@pytest.mark.slow
def test_a_process_that_dies_does_not_take_the_batch_with_it(guide: Guide, tmp_path: Path) -> None:
    lot = write(guide, tmp_path / "l.xlsx", candidates(guide, 40))
    flag = tmp_path / "flag"
    flag.touch()
    faulty = Faulty(flag, f"read {Format.PDF}", deadly=True)
    ran = run(job(lot, output=tmp_path / "o", settings=faulty, jobs=2))
    failed = [one for one in ran.outcomes if one.state is State.FAILED]
    assert failed and ran.totals.states[State.ISSUED] == 40 - len(failed)
    assert len(failed) < 20
    assert all("--jobs 1" in one.errors[0].remedy for one in failed)
    again = run(job(lot, output=tmp_path / "o"))
    assert again.totals.states == {
        State.ALREADY: 40 - len(failed), State.ISSUED: len(failed)
    }  # fmt: skip
    require_as_issued(guide, tmp_path / "o", PDF(), list(candidates(guide, 40)))


def test_a_name_that_is_taken_fails_alone(guide: Guide, lot: Path, tmp_path: Path) -> None:
    foreseen = run(job(lot, output=tmp_path / "essai")).outcomes[1].files[0].path
    (tmp_path / "o" / foreseen).parent.mkdir(parents=True)
    (tmp_path / "o" / foreseen).write_bytes(b"d'un autre programme")
    ran = run(job(lot, output=tmp_path / "o"))
    assert [one is State.ISSUED for one in ran.states] == [True, False, True, True, True, True]
    assert ran.outcomes[1].errors[0].code == "ecriture-impossible"
    assert (tmp_path / "o" / foreseen).read_bytes() == b"d'un autre programme"


def test_outcomes_tell_what_the_fiche_says(guide: Guide, tmp_path: Path) -> None:
    answers = next(candidates(guide, 1))
    by_field = dict(answers.by_field)
    by_field["c3.1.4"] = Answer(Verdict.NA, "jamais vu")
    lot = write(guide, tmp_path / "l.xlsx", [Answers(by_field)])
    (one,) = run(job(lot, output=tmp_path / "o")).outcomes
    assert one.reference == "D-00001" and one.row == 4 and one.version == 1
    assert one.assessment is not None
    assert ("c3.1.4", "jamais vu") in [(note.field, note.comment) for note in one.assessment.notes]
    assert one.seconds > 0

"""Killed at any moment, a version is whole or is not there, and the same command finishes the job.

A child process kills itself with SIGKILL: at each named step of issuing, then at each single access
to the file system. Afterwards two things are asked: what is there now, and what is there once the
same command has run again.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from issuing_fakes import LATER, NOON, fiche, settings

from cqp_forms.answers import Verdict
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import FileCondition, file_states
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.request import AlreadyIssued, Copies, Issued, LackingFormats
from cqp_forms.mapping import Format

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the child is forked")

STEPS = [
    "stamp docx",
    "read docx",
    "stamp pdf",
    "read pdf",
    "write docx",
    "write pdf",
    "flush",
    "lock",
    "record",
    "name docx",
    "name pdf",
    "register",
    "commit",
    "tidy",
]
V1 = {"OUTIL4_DUPONT_Zoe_v1.docx", "OUTIL4_DUPONT_Zoe_v1.pdf"}
V2 = {one.replace("_v1", "_v2") for one in V1} | {"OUTIL4_DUPONT_Zoe_v2_modifications.pdf"}


def in_child(work: Callable[[], object]) -> int:
    """Run in a forked child; how it ended, as ``os.waitstatus_to_exitcode`` gives it."""
    child = os.fork()
    if child == 0:
        code = 9
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killer(step: str) -> Callable[[str], None]:
    return lambda name: die() if name == step else None


def names(out: Path) -> set[str]:
    return {path.name for path in (out / "DUPONT_Zoe").glob("*")}


def require_sound(out: Path) -> None:
    """Whatever happened: no row without its files, no file under a final name that is not whole."""
    for path in (out / "DUPONT_Zoe").glob("*"):
        content = path.read_bytes()
        if "modifications" in path.name:
            assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
        else:
            json.loads(content)
    if (out / REGISTER).exists() and (out / REGISTER).stat().st_size:
        with Register.open(out) as register:
            for version in register.versions():
                assert {one.state for one in file_states(out, version)} == {FileCondition.INTACT}


def require_tidy(out: Path, expected: set[str], versions: int) -> None:
    """The job is done: the files of each version, the register, and nothing else."""
    require_sound(out)
    assert names(out) == expected
    assert {path.name for path in out.iterdir()} == {"DUPONT_Zoe", REGISTER}
    with Register.open(out, Access.READ) as register:
        assert [one.number for one in register.versions()] == list(range(1, versions + 1))
        register.check()


def fill(guide: Guide, out: Path, checkpoint: Callable[[str], None] = lambda _: None) -> object:
    with Issuer(settings(guide, checkpoint=checkpoint), out) as issuer:
        return issuer.issue(fiche(guide), NOON)


def reissue(
    guide: Guide,
    out: Path,
    checkpoint: Callable[[str], None] = lambda _: None,
    copies: Copies = Copies.REFUSED,
) -> object:
    changed = fiche(guide, c1__1__1=Verdict.NON) if copies is Copies.REFUSED else fiche(guide)
    with Issuer(settings(guide, checkpoint=checkpoint), out) as issuer:
        return issuer.reissue(changed, LATER, "motif", copies)


def test_the_steps_are_all_of_them(guide: Guide, tmp_path: Path) -> None:
    seen: list[str] = []
    fill(guide, tmp_path, seen.append)
    assert seen == STEPS


@pytest.mark.parametrize("step", STEPS)
def test_fill_killed_at_each_step(guide: Guide, tmp_path: Path, step: str) -> None:
    assert in_child(lambda: fill(guide, tmp_path, killer(step))) == -signal.SIGKILL
    require_sound(tmp_path)
    again = fill(guide, tmp_path)
    # From the first name on, the version may have been seen: it is completed as it was.
    seen = step in {"name pdf", "register", "commit", "tidy"}
    assert isinstance(again, AlreadyIssued if seen else Issued)
    require_tidy(tmp_path, V1, 1)
    assert isinstance(fill(guide, tmp_path), AlreadyIssued)


@pytest.mark.parametrize("copies", list(Copies))
@pytest.mark.parametrize("step", [*STEPS, "name modifications", "write modifications"])
def test_reissue_killed_at_each_step(
    guide: Guide, tmp_path: Path, step: str, copies: Copies
) -> None:
    fill(guide, tmp_path)
    first = {name: (tmp_path / "DUPONT_Zoe" / name).read_bytes() for name in V1}
    assert in_child(lambda: reissue(guide, tmp_path, killer(step), copies)) == -signal.SIGKILL
    require_sound(tmp_path)
    reissue(guide, tmp_path, copies=copies)
    require_tidy(tmp_path, V1 | V2, 2)
    assert {name: (tmp_path / "DUPONT_Zoe" / name).read_bytes() for name in V1} == first


@pytest.mark.parametrize(
    "step", ["write docx", "flush", "record", "name docx", "register", "commit", "tidy"]
)
def test_the_other_format_killed_at_each_step(guide: Guide, tmp_path: Path, step: str) -> None:
    def add(checkpoint: Callable[[str], None] = lambda _: None) -> Issued | AlreadyIssued:
        run = settings(guide, (Format.DOCX,), checkpoint=checkpoint)
        with Issuer(run, tmp_path) as issuer:
            return issuer.issue(fiche(guide), LATER, lacking=LackingFormats.ADDED)

    with Issuer(settings(guide, (Format.PDF,)), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
    (first,) = (path.read_bytes() for path in (tmp_path / "DUPONT_Zoe").glob("*"))
    assert in_child(lambda: add(killer(step))) == -signal.SIGKILL
    require_sound(tmp_path)
    again = add()
    named = step in {"register", "commit", "tidy"}
    assert isinstance(again, AlreadyIssued if named else Issued)
    require_tidy(tmp_path, V1, 1)
    with Register.open(tmp_path, Access.READ) as register:
        (version,) = register.versions()
    assert version.issued_at == NOON
    assert {one.role: one.added_at for one in version.files} == {
        Role.DOCX: LATER.isoformat(),
        Role.PDF: "",
    }
    assert (tmp_path / version.files[1].path).read_bytes() == first


@pytest.mark.parametrize("step", ["write pdf", "name docx", "name pdf"])
def test_a_draft_killed_at_each_step(guide: Guide, tmp_path: Path, step: str) -> None:
    def draft(checkpoint: Callable[[str], None]) -> None:
        with Issuer(settings(guide, checkpoint=checkpoint), tmp_path) as issuer:
            issuer.draft(fiche(guide), NOON)

    assert in_child(lambda: draft(killer(step))) == -signal.SIGKILL
    require_sound(tmp_path)
    draft(lambda _: None)
    assert {path.name for path in tmp_path.iterdir()} == {"DUPONT_Zoe"}
    assert len(names(tmp_path)) == 2


def test_the_run_that_completes_may_be_another_candidates(guide: Guide, tmp_path: Path) -> None:
    in_child(lambda: fill(guide, tmp_path, killer("register")))
    with Issuer(settings(guide), tmp_path) as issuer:
        assert [one.candidate for one in issuer.completed] == ["Dupont Zoé"]
        issuer.issue(fiche(guide, candidat__nom="Martin"), LATER)
        assert len(issuer._writable().versions()) == 2


def test_what_was_killed_and_then_changed_by_hand_is_left_alone(
    guide: Guide, tmp_path: Path
) -> None:
    in_child(lambda: fill(guide, tmp_path, killer("register")))
    altered = tmp_path / "DUPONT_Zoe" / "OUTIL4_DUPONT_Zoe_v1.pdf"
    altered.write_bytes(b"by hand")
    with Issuer(settings(guide), tmp_path) as issuer:
        assert issuer.completed == ()
    assert names(tmp_path) == {altered.name}
    assert altered.read_bytes() == b"by hand"


def test_a_live_process_is_left_alone(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide), tmp_path) as alive:
        folder = alive.session_folder

        def other() -> None:
            with Issuer(settings(guide), tmp_path) as issuer:
                issuer.issue(fiche(guide, candidat__nom="Martin"), NOON)

        assert in_child(other) == 0
        assert folder.is_dir()
        other()
        assert folder.is_dir()
        assert isinstance(alive.issue(fiche(guide), NOON), Issued)
    assert not (tmp_path / ".emission").exists()


class Countdown:
    """Kills the process just before its n-th access to a path under ``out``."""

    EVENTS = frozenset(
        {"open", "os.mkdir", "os.link", "os.rename", "os.remove", "os.rmdir", "sqlite3.connect"}
    )

    def __init__(self, out: Path, remaining: int) -> None:
        self.out = str(out)
        self.remaining = remaining

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event not in self.EVENTS or self.out not in str(arguments[0]):
            return
        if self.remaining == 0:
            die()
        self.remaining -= 1


def kill_points(work: Callable[[], object], out: Path) -> Iterator[int]:
    """Kill a child at its first access, then at its second… until it is done before it is killed.

    The folder is as the kill left it when a number is given out.
    """
    for number in range(1000):

        def killed(number: int = number) -> None:
            sys.addaudithook(Countdown(out, number))
            work()

        if in_child(killed) == 0:
            return
        yield number
    raise AssertionError("it never ends")


@pytest.mark.slow
def test_fill_killed_at_each_access_to_the_disk(guide: Guide, tmp_path: Path) -> None:
    out = tmp_path / "out"
    count = 0
    for _ in kill_points(lambda: fill(guide, out), tmp_path / "out"):
        count += 1
        if out.exists():
            require_sound(out)
        fill(guide, out)
        require_tidy(out, V1, 1)
        _empty(out)
    assert count > 15


@pytest.mark.slow
def test_reissue_killed_at_each_access_to_the_disk(guide: Guide, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fill(guide, out)
    count = 0
    for _ in kill_points(lambda: reissue(guide, out), out):
        count += 1
        require_sound(out)
        # Killed while tidying up, it had issued and could not tell: the same command says so.
        reissue(guide, out)
        require_tidy(out, V1 | V2, 2)
        _empty(out)
        fill(guide, out)
    assert count > 15


@pytest.mark.slow
def test_recovery_killed_at_each_access_to_the_disk(guide: Guide, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def broken() -> None:
        if out.exists():
            _empty(out)
        in_child(lambda: fill(guide, out, killer("name pdf")))

    broken()
    for _ in kill_points(lambda: fill(guide, out), out):
        require_sound(out)
        fill(guide, out)
        require_tidy(out, V1, 1)
        broken()


def _empty(out: Path) -> None:
    for path in sorted(out.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    out.rmdir()


def _fill_many(guide: Guide, out: Path, count: int) -> None:
    with Issuer(settings(guide), out) as issuer:
        for number in range(count):
            issuer.issue(fiche(guide, dossier__reference=f"D{number}"), NOON)


@pytest.mark.slow
def test_many_killed_at_random_ten_times_are_each_issued_once(guide: Guide, tmp_path: Path) -> None:
    count, dice = 60, random.Random(4)
    for _ in range(10):
        child = os.fork()
        if child == 0:
            _fill_many(guide, tmp_path, count)
            os._exit(0)
        time.sleep(dice.uniform(0.02, 0.25))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if (tmp_path / REGISTER).exists() and (tmp_path / REGISTER).stat().st_size:
            with Register.open(tmp_path) as register:
                for version in register.versions():
                    assert {one.state for one in file_states(tmp_path, version)} == {
                        FileCondition.INTACT
                    }
    _fill_many(guide, tmp_path, count)
    with Register.open(tmp_path, Access.READ) as register:
        register.check()
        versions = register.versions()
    assert sorted(one.key for one in versions) == sorted(f"d{number}" for number in range(count))
    assert {one.number for one in versions} == {1}
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*")}
    assert found == {one.path for version in versions for one in version.files}
    assert not (tmp_path / ".emission").exists()


def _race(guide: Guide, out: Path, barrier: object, reference: str, results: object) -> None:
    with Issuer(settings(guide), out) as issuer:
        barrier.wait()  # type: ignore[attr-defined]
        for number in range(6):
            answers = fiche(guide, dossier__reference=f"{reference}{number}")
            done = issuer.issue(answers, NOON if reference == "same" else LATER)
            results.put((reference, number, type(done).__name__))  # type: ignore[attr-defined]


@pytest.mark.parametrize("references", [("same", "same", "same"), ("a", "b", "c")])
def test_processes_that_issue_at_once(
    guide: Guide, tmp_path: Path, references: tuple[str, ...]
) -> None:
    """The same candidates: each is issued once. Homonyms: nobody gets another's folder."""
    context = multiprocessing.get_context("fork")
    barrier, results = context.Barrier(len(references)), context.Queue()
    children = [
        context.Process(target=_race, args=(guide, tmp_path, barrier, one, results))
        for one in references
    ]
    for child in children:
        child.start()
    told = [results.get(timeout=60) for _ in range(6 * len(references))]
    for child in children:
        child.join()
        assert child.exitcode == 0
    with Register.open(tmp_path, Access.READ) as register:
        versions = register.versions()
    assert len(versions) == 6 * len(set(references))
    assert sum(kind == "Issued" for _, _, kind in told) == len(versions)
    assert len({one.folder for one in versions}) == len(versions)
    for version in versions:
        assert {one.state for one in file_states(tmp_path, version)} == {FileCondition.INTACT}
    assert not (tmp_path / ".emission").exists()

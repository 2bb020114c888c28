"""One candidate end to end, through blanks made of JSON."""

from __future__ import annotations

import hashlib
import json
import pickle
import sqlite3
from pathlib import Path

import pytest
from issuing_fakes import LATER, NOON, V1, V2, fiche, prepared, read_payload, settings, tree

from cqp_forms.answers import Answers, Verdict
from cqp_forms.errors import DifferenceError, ExitCode, OutputError, UsageError
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import FileCondition, history
from cqp_forms.issuing.issue_errors import ReplacedFicheError
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.register import Access, Register
from cqp_forms.issuing.request import (
    AlreadyIssued,
    Copies,
    Embedding,
    Issued,
    IssueRequest,
    Settings,
    make_files,
)
from cqp_forms.issuing.version import parse_payload
from cqp_forms.mapping import Format
from cqp_forms.typography import command_line


def rows(directory: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(directory / "registre.sqlite")
    try:
        return connection.execute("SELECT candidate, number, reason FROM version").fetchall()
    finally:
        connection.close()


def issue(
    run: Settings, directory: Path, answers: Answers, path: Path | None = None
) -> Issued | AlreadyIssued:
    with Issuer(run, directory) as issuer:
        return issuer.issue(answers, NOON, path)


def test_a_first_version(guide: Guide, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "output"
    answers = fiche(guide)
    done = issue(settings(guide), out, answers)
    assert isinstance(done, Issued)
    files = tree(out)
    assert list(files) == V1
    assert (done.ticks, done.texts) == (90, 24)
    with Register.open(out, Access.READ) as register:
        (version,) = register.versions()
    assert version == done.version
    assert version.answers == answers.canonical_json()
    assert version.issued_at == NOON and version.issued_at.utcoffset() == NOON.utcoffset()
    assert (version.number, version.reason, version.issuer) == (1, "", "secretariat")
    for file in version.files:
        content = files[file.path]
        assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert file.blank_sha256 == prepared(Format(file.role)).blank_sha256
        assert file.mapping_sha256 == prepared(Format(file.role)).mapping_sha256
    plain = json.loads(files[V1[0]])
    assert (plain["stage"], plain["cover"], plain["margin"]) == ("issued", "", "")


def test_the_document_carries_what_rebuilding_needs(guide: Guide, tmp_path: Path) -> None:
    done = issue(settings(guide), tmp_path, fiche(guide))
    payload = read_payload((tmp_path / V1[1]).read_bytes())
    assert payload is not None
    carried = parse_payload(payload)
    assert carried.version.answers == done.version.answers
    assert (carried.version.number, carried.version.issued_at) == (1, NOON)
    assert carried.blank_sha256 == prepared(Format.PDF).blank_sha256


def test_no_embed_leaves_the_answers_out(guide: Guide, tmp_path: Path) -> None:
    issue(settings(guide, embedding=Embedding.NOTHING), tmp_path, fiche(guide))
    assert [read_payload(content) for content in tree(tmp_path).values()] == [None, None]


def test_the_same_again_writes_nothing(guide: Guide, tmp_path: Path) -> None:
    issue(settings(guide), tmp_path, fiche(guide))
    before, register = tree(tmp_path), (tmp_path / "registre.sqlite").read_bytes()
    again = issue(settings(guide), tmp_path, fiche(guide))
    assert isinstance(again, AlreadyIssued)
    assert again.version.number == 1
    assert [one.state for one in again.files] == [FileCondition.INTACT, FileCondition.INTACT]
    assert tree(tmp_path) == before
    assert (tmp_path / "registre.sqlite").read_bytes() == register


def test_the_same_again_tells_of_files_that_are_gone_or_altered(
    guide: Guide, tmp_path: Path
) -> None:
    issue(settings(guide), tmp_path, fiche(guide))
    (tmp_path / V1[0]).unlink()
    (tmp_path / V1[1]).write_bytes((tmp_path / V1[1]).read_bytes() + b" ")
    again = issue(settings(guide), tmp_path, fiche(guide))
    assert isinstance(again, AlreadyIssued)
    assert [one.state for one in again.files] == [FileCondition.MISSING, FileCondition.ALTERED]


def test_the_same_again_tells_of_a_format_that_was_not_issued(guide: Guide, tmp_path: Path) -> None:
    issue(settings(guide, (Format.DOCX,)), tmp_path, fiche(guide))
    again = issue(settings(guide), tmp_path, fiche(guide))
    assert isinstance(again, AlreadyIssued)
    assert again.lacks((Format.DOCX, Format.PDF)) == (Format.PDF,)
    assert list(tree(tmp_path)) == V1[:1]


def test_other_answers_point_to_reissue(guide: Guide, tmp_path: Path) -> None:
    issue(settings(guide), tmp_path, fiche(guide))
    before = tree(tmp_path)
    with pytest.raises(OutputError) as refused:
        issue(settings(guide), tmp_path, fiche(guide, c1__1__1=Verdict.NON), Path("ma fiche.xlsx"))
    assert refused.value.exit_code == ExitCode.OUTPUT
    command = command_line("reissue", "ma fiche.xlsx", "--reason", "…", "-o", tmp_path)
    assert command in refused.value.remedy
    assert "version 1 du 24/11/2026" in refused.value.message
    assert tree(tmp_path) == before


def test_a_corrected_version(guide: Guide, tmp_path: Path) -> None:
    issue(settings(guide), tmp_path, fiche(guide))
    before = tree(tmp_path)
    with Issuer(settings(guide), tmp_path) as issuer:
        done = issuer.reissue(fiche(guide, c1__1__1=Verdict.NON), LATER, "critère  mal lu")
    assert isinstance(done, Issued)
    assert [one.field for one in done.changes] == ["c1.1.1"]
    files = tree(tmp_path)
    assert list(files) == sorted([*V1, *V2])
    assert {name: files[name] for name in V1} == before
    for name in V2[:2]:
        plain = json.loads(files[name])
        margin = "Version 2 – annule et remplace la version 1 du 24/11/2026"
        assert plain["margin"] == margin
        assert plain["cover"] == f"{margin} – motif\u00a0: critère mal lu"
    assert files[V2[2]].startswith(b"%PDF-")
    roles = [one.role for one in done.version.files]
    assert roles == [Role.DOCX, Role.PDF, Role.CHANGES]
    payload = read_payload(files[V2[0]])
    assert payload is not None
    assert parse_payload(payload).changes_sha256 == hashlib.sha256(files[V2[2]]).hexdigest()
    assert rows(tmp_path) == [("Dupont Zoé", 1, ""), ("Dupont Zoé", 2, "critère mal lu")]


def test_fill_compares_with_the_version_that_stands(guide: Guide, tmp_path: Path) -> None:
    old, new = fiche(guide), fiche(guide, c1__1__1=Verdict.NON)
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(old, NOON)
        issuer.reissue(new, LATER, "x")
        assert isinstance(issuer.issue(new, LATER), AlreadyIssued)
        with pytest.raises(ReplacedFicheError, match="fiche de la version 1, remplacée par la 2"):
            issuer.issue(old, LATER)


def test_reissue_refuses_when_nothing_differs_unless_a_copy_is_wanted(
    guide: Guide, tmp_path: Path
) -> None:
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
        with pytest.raises(OutputError) as refused:
            issuer.reissue(fiche(guide), LATER, "x")
        assert "--same" in refused.value.remedy
        assert len(tree(tmp_path / "DUPONT_Zoe")) == 2
        done = issuer.reissue(fiche(guide), LATER, "duplicata", Copies.WANTED)
        assert isinstance(done, Issued)
        assert (done.version.number, done.changes) == (2, ())


def test_reissue_needs_a_first_version_and_names_who_is_close(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide), tmp_path / "out") as issuer:
        with pytest.raises(OutputError, match="aucune version"):
            issuer.reissue(fiche(guide), NOON, "x")
        assert not (tmp_path / "out").exists()
        issuer.issue(fiche(guide), NOON)
        with pytest.raises(OutputError) as refused:
            issuer.reissue(fiche(guide, candidat__nom="Dupond"), NOON, "x")
        assert "Dupont Zoé" in refused.value.remedy


def test_reissue_needs_a_reason(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
        with pytest.raises(UsageError):
            issuer.reissue(fiche(guide, c1__1__1=Verdict.NON), LATER, " ")
    assert list(tree(tmp_path)) == V1


def test_a_corrected_name_keeps_the_file_under_its_reference(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide, (Format.PDF,)), tmp_path) as issuer:
        issuer.issue(fiche(guide, dossier__reference="D1"), NOON)
        done = issuer.reissue(
            fiche(guide, dossier__reference="D1", candidat__nom="Durand"), LATER, "nom"
        )
    assert done.version.number == 2
    assert done.version.files[0].path == "DURAND_Zoe/OUTIL4_DURAND_Zoe_v2.pdf"


def test_homonyms_have_folders_of_their_own(guide: Guide, tmp_path: Path) -> None:
    one, two = fiche(guide, dossier__reference="A"), fiche(guide, dossier__reference="B")
    run = settings(guide, (Format.PDF,))
    issue(run, tmp_path, one)
    issue(run, tmp_path, two)
    with Issuer(run, tmp_path) as issuer:
        issuer.reissue(fiche(guide, dossier__reference="B", c1__1__1=Verdict.NON), LATER, "x")
    assert [name for name in tree(tmp_path) if "modifications" not in name] == [
        "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_v1.pdf",
        "DUPONT_Zoe_2/OUTIL4_DUPONT_Zoe_2_v1.pdf",
        "DUPONT_Zoe_2/OUTIL4_DUPONT_Zoe_2_v2.pdf",
    ]


def test_homonyms_ordered_in_one_run_get_folders_in_that_order(
    guide: Guide, tmp_path: Path
) -> None:
    run = settings(guide, (Format.PDF,))
    with Issuer(run, tmp_path) as issuer:
        orders = [
            issuer.request(fiche(guide, dossier__reference=reference), NOON) for reference in "ABC"
        ]
        staged = [make_files(run, one, issuer.session_folder) for one in orders]  # type: ignore[arg-type]
        for one in reversed(staged):
            issuer.release(one)
        found = {one.key: one.folder for one in issuer._writable().versions()}
    assert found == {"a": "DUPONT_Zoe", "b": "DUPONT_Zoe_2", "c": "DUPONT_Zoe_3"}


def test_a_homonym_issued_meanwhile_takes_the_folder(guide: Guide, tmp_path: Path) -> None:
    run = settings(guide, (Format.PDF,))
    with Issuer(run, tmp_path) as slow:
        order = slow.request(fiche(guide, dossier__reference="A"), NOON)
        assert isinstance(order, IssueRequest)
        staged = make_files(run, order, slow.session_folder)
        issue(run, tmp_path, fiche(guide, dossier__reference="B"))
        done = slow.release(staged)
    assert done.version.folder == "DUPONT_Zoe_2"
    with Register.open(tmp_path, Access.READ) as register:
        assert {one.key: one.folder for one in register.versions()} == {
            "b": "DUPONT_Zoe",
            "a": "DUPONT_Zoe_2",
        }
        assert {one.state for one in history(tmp_path, register)} == {FileCondition.INTACT}


def test_of_two_that_issue_one_candidate_one_wins_and_the_other_says_so(
    guide: Guide, tmp_path: Path
) -> None:
    run = settings(guide)
    with Issuer(run, tmp_path) as one, Issuer(run, tmp_path) as two:
        first, second = one.request(fiche(guide), NOON), two.request(fiche(guide), LATER)
        other = two.request(fiche(guide, c1__1__1=Verdict.NON), LATER)
        assert (
            isinstance(first, IssueRequest)
            and isinstance(second, IssueRequest)
            and isinstance(other, IssueRequest)
        )
        staged = make_files(run, second, two.session_folder)
        staged_other = make_files(run, other, two.session_folder)
        assert isinstance(one.carry_out(first), Issued)
        before = tree(tmp_path / "DUPONT_Zoe")
        assert isinstance(two.release(staged), AlreadyIssued)
        with pytest.raises(OutputError, match="déjà émis"):
            two.release(staged_other)
        assert tree(tmp_path / "DUPONT_Zoe") == before
    assert list(tree(tmp_path)) == V1
    assert len(rows(tmp_path)) == 1


def test_what_a_worker_needs_and_gives_can_be_pickled(guide: Guide, tmp_path: Path) -> None:
    run = settings(guide)
    with Issuer(run, tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
        order = issuer.request_correction(fiche(guide, c1__1__1=Verdict.NON), LATER, "x")
        assert isinstance(order, IssueRequest)
        order = pickle.loads(pickle.dumps(order))
        staged = pickle.loads(pickle.dumps(make_files(run, order, issuer.session_folder)))
        assert isinstance(issuer.release(staged, order), Issued)


@pytest.mark.parametrize("kind", list(Format))
def test_a_document_that_does_not_say_what_it_should_is_not_released(
    guide: Guide, tmp_path: Path, kind: Format
) -> None:
    def slip(plain: dict[str, object]) -> None:
        plain["ticks"]["c5.3.4.oui"] = False  # type: ignore[index]
        plain["texts"]["candidat.nom@2"] = "Dupond"  # type: ignore[index]

    blanks = tuple(prepared(one, slip if one is kind else None) for one in Format)
    run = Settings(guide, blanks, "1.0.0")
    with pytest.raises(DifferenceError) as refused:
        issue(run, tmp_path, fiche(guide))
    assert refused.value.exit_code == ExitCode.DIFFERENCE
    assert "c5.3.4.oui" in refused.value.message and "Dupond" in refused.value.message
    assert list(tmp_path.rglob("*")) == []


def test_a_name_that_is_taken_is_not_overwritten(guide: Guide, tmp_path: Path) -> None:
    taken = tmp_path / V1[1]
    taken.parent.mkdir()
    taken.write_bytes(b"precious")
    with pytest.raises(OutputError) as refused:
        issue(settings(guide), tmp_path, fiche(guide))
    assert V1[1].split("/")[1] in refused.value.where
    assert "--rebuild" in refused.value.remedy
    assert tree(tmp_path) == {V1[1]: b"precious"}
    assert rows(tmp_path) == []


def test_a_draft_is_marked_replaced_and_not_registered(guide: Guide, tmp_path: Path) -> None:
    run = settings(guide)
    with Issuer(run, tmp_path) as issuer:
        issuer.draft(fiche(guide, candidat__entreprise=None), NOON)
    with Issuer(run, tmp_path) as issuer:
        done = issuer.draft(fiche(guide, c1__1__1=None), LATER)
    assert not (tmp_path / "registre.sqlite").exists()
    names = [f"DUPONT_Zoe/OUTIL4_DUPONT_Zoe_brouillon.{one}" for one in ("docx", "pdf")]
    files = tree(tmp_path)
    assert list(files) == names == [one.path for one in done.version.files]
    plain = json.loads(files[names[0]])
    assert plain["stage"] == "draft"
    assert plain["ticks"]["c1.1.1.oui"] is False


def test_a_draft_is_not_written_over_a_homonyms(guide: Guide, tmp_path: Path) -> None:
    run = settings(guide, (Format.PDF,))
    for company in ("Alpha", "Beta", "Alpha"):
        with Issuer(run, tmp_path) as issuer:
            issuer.draft(fiche(guide, candidat__entreprise=company), NOON)
    with Issuer(run, tmp_path) as issuer:
        # The same person, whose reference was added since.
        issuer.draft(fiche(guide, candidat__entreprise="Alpha", dossier__reference="A"), NOON)
        done = issuer.issue(fiche(guide, candidat__entreprise="Beta"), NOON)
    assert list(tree(tmp_path)) == [
        "DUPONT_Zoe/OUTIL4_DUPONT_Zoe_brouillon.pdf",
        "DUPONT_Zoe_2/OUTIL4_DUPONT_Zoe_2_brouillon.pdf",
        "DUPONT_Zoe_2/OUTIL4_DUPONT_Zoe_2_v1.pdf",
    ]
    assert done.version.folder == "DUPONT_Zoe_2"


def test_history_tells_each_files_state(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
        issuer.reissue(fiche(guide, c1__1__1=Verdict.NON), LATER, "x")
        issuer.issue(fiche(guide, candidat__nom="Éluard", candidat__prenom="Paul"), LATER)
    (tmp_path / V1[0]).unlink()
    content = bytearray((tmp_path / V2[1]).read_bytes())
    content[10] ^= 1  # same size
    (tmp_path / V2[1]).write_bytes(content)
    with Register.open(tmp_path, Access.READ) as register:
        entries = list(history(tmp_path, register))
        assert [one.version.candidate for one in history(tmp_path, register, "ELUARD")] == [
            "Éluard Paul"
        ]
    assert [one.state for one in entries] == [
        FileCondition.MISSING,
        FileCondition.ALTERED,
        FileCondition.INTACT,
    ]
    assert [one.stands for one in entries] == [False, True, True]
    plain = entries[1].as_json()
    assert plain["state"] == "altéré"
    assert [one["state"] for one in plain["files"]] == ["intact", "altéré", "intact"]  # type: ignore[attr-defined]
    json.dumps(plain)

"""The whole life of a real DOCX and a real PDF: issued, corrected, checked, rebuilt."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from issuing_fakes import LATER, NOON, fiche
from pypdf import PdfReader

from cqp_forms.answers import Result, Verdict
from cqp_forms.formats import PreparedBlank, prepare_blank
from cqp_forms.guide import Guide
from cqp_forms.issuing.history import FileCondition, history
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.rebuild import rebuild
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.request import AlreadyIssued, Embedding, Issued, Settings
from cqp_forms.mapping import Format
from cqp_forms.project import Project


@pytest.fixture(scope="module")
def blanks(project: Project, guide: Guide) -> tuple[PreparedBlank, ...]:
    return tuple(prepare_blank(guide, project.blank(guide, kind)) for kind in Format)


def test_a_prepared_blank_says_what_it_was_made_from(
    project: Project, guide: Guide, blanks: tuple[PreparedBlank, ...]
) -> None:
    for prepared in blanks:
        assert prepared.blank_sha256 == project.blank(guide, prepared.format).mapping.sha256
        assert len(prepared.mapping_sha256) == 64


def test_issued_corrected_checked_and_rebuilt(
    guide: Guide, blanks: tuple[PreparedBlank, ...], tmp_path: Path
) -> None:
    run = Settings(guide, blanks, "1.0.0", "secretariat")
    long = "Bon travail.\n\n" + "À poursuivre, avec davantage d’autonomie. " * 90
    before = fiche(guide, commentaires__evaluateur_cpne=long.strip(), candidat__nom="Nguyễn")
    after = fiche(
        guide,
        candidat__nom="Nguyễn",
        commentaires__evaluateur_cpne="Insuffisant.",
        c1__1__1=Verdict.NON,
        c1__resultat=Result.NON_MAITRISEE,
    )
    with Issuer(run, tmp_path) as issuer:
        assert isinstance(issuer.issue(before, NOON), Issued)
        assert isinstance(issuer.issue(before, LATER), AlreadyIssued)
        done = issuer.reissue(after, LATER, "critère mal lu")
    assert isinstance(done, Issued)
    assert (done.ticks, done.texts, len(done.changes)) == (90, 24, 3)
    contents = {one.role: (tmp_path / one.path).read_bytes() for one in done.version.files}
    margin = "Version 2 – annule et remplace la version 1 du 24/11/2026"
    pages = [one.extract_text() for one in PdfReader(io.BytesIO(contents[Role.PDF])).pages]
    assert all(margin in " ".join(page.split()) for page in pages)
    assert "critère mal lu" in " ".join(pages[0].split())
    document = Document(io.BytesIO(contents[Role.DOCX]))
    assert "critère mal lu" in "".join(document.element.body.itertext())
    with Register.open(tmp_path, Access.READ) as register:
        entries = list(history(tmp_path, register))
    assert [one.state for one in entries] == [FileCondition.INTACT, FileCondition.INTACT]
    (tmp_path / REGISTER).unlink()
    with Register.open(tmp_path) as register:
        again = rebuild(run, tmp_path, register, LATER)
        assert again.problems == ()
        assert register.versions() == tuple(one.version for one in entries)


def test_no_embed_leaves_no_answers_in_either_format(
    guide: Guide, blanks: tuple[PreparedBlank, ...], tmp_path: Path
) -> None:
    run = Settings(guide, blanks, "1.0.0", embedding=Embedding.NOTHING)
    with Issuer(run, tmp_path) as issuer:
        done = issuer.issue(fiche(guide), NOON)
    for file in done.version.files:
        prepared = next(one for one in blanks if one.format == file.role)
        assert prepared.payload((tmp_path / file.path).read_bytes()) is None

"""Run commands as a user does, in a folder of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from cli_support import Ran, Run
from click.testing import CliRunner
from fiches import put_fiche

from cqp_forms.answers import Answer, Answers, Result, Verdict
from cqp_forms.cli import program
from cqp_forms.guide import FieldKind, Guide, Requirement


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder; unbreakable spaces read as plain ones."""
    monkeypatch.chdir(tmp_path)

    def invoke(*args: object) -> Ran:
        result = CliRunner().invoke(program, [str(one) for one in args], prog_name="cqp-forms")
        plain = [text.replace("\u00a0", " ") for text in (result.stdout, result.stderr)]
        return Ran(result.exit_code, *plain)

    return invoke


@pytest.fixture(scope="session")
def mastered(guide: Guide) -> Answers:
    """Every competence mastered, nothing to say about it."""
    found: dict[str, Answer] = {}
    for field in guide.fields.values():
        match field.kind:
            case FieldKind.CRITERION:
                found[field.id] = Answer(Verdict.OUI)
            case FieldKind.RESULT:
                found[field.id] = Answer(Result.MAITRISEE)
            case FieldKind.DATE:
                found[field.id] = Answer(date(2026, 3, 9))
            case _ if field.requirement is not Requirement.NONE:
                found[field.id] = Answer(f"{field.label} x")
    found["candidat.nom"] = Answer("Lefèvre")
    found["candidat.prenom"] = Answer("Anne-Marie")
    return Answers(found)


@pytest.fixture
def make(tmp_path: Path, guide: Guide, mastered: Answers) -> Callable[..., Path]:
    """Write a fiche: the mastered one, with some answers replaced (``None`` takes one away)."""

    def fiche(name: str = "fiche.xlsx", **changed: object) -> Path:
        return put_fiche(tmp_path, guide, mastered, name, **changed)

    return fiche

"""What is told on the terminal: nothing that commands it, and of long texts what differs."""

from __future__ import annotations

import json

import pytest

from cqp_forms.cli.console import clean, echo, emit_json, show_changes, show_error, show_findings
from cqp_forms.errors import OutputError
from cqp_forms.findings import Code, Finding, Severity
from cqp_forms.issuing.history import Change


def told(before: str, after: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    show_changes([Change("c", "Commentaires", before, after)])
    lines = capsys.readouterr().out.replace("\u00a0", " ").splitlines()[1:]
    return [line.partition(" : ")[2] for line in lines]


def test_short_texts_are_shown_whole(capsys) -> None:
    assert told("un\ndeux", "un", capsys) == ["« un ⏎ deux »", "« un »"]


@pytest.mark.parametrize("at", [0, 100, 900])
def test_of_long_texts_the_difference_is_shown(capsys, at: int) -> None:
    common = "Une phrase du commentaire. " * 60
    before, after = told(f"{common[:at]}AVANT{common}", f"{common[:at]}APRÈS{common}", capsys)
    assert "AVANT" in before
    assert "APRÈS" in after
    assert max(len(before), len(after)) <= 164
    assert before.endswith("… »")
    assert before.startswith("« …") == (at > 60)


def test_a_text_cut_short_shows_its_end(capsys) -> None:
    common = "Une phrase du commentaire. " * 20
    before, after = told(common + "La fin.", common.strip(), capsys)
    assert "La fin. »" in before
    assert after.endswith("commentaire. »")


@pytest.mark.parametrize("message", ["le disque est plein", "le disque est plein."])
def test_an_error_is_a_sentence(capsys, message: str) -> None:
    show_error(OutputError(message, where="a.pdf", remedy="Libérez de la place."))
    first = capsys.readouterr().err.replace("\u00a0", " ").splitlines()[0]
    assert first == "Erreur : a.pdf : le disque est plein."


HOSTILE = "\x1b]0;pris\x07\x1b[31m\x9b2J\x7f\u202eDURAND\r\tLéa\n"


def test_nothing_that_commands_a_terminal_gets_through(capsys) -> None:
    show_error(OutputError(HOSTILE, where=HOSTILE, remedy=HOSTILE))
    show_findings([Finding(Code.UNKNOWN_FIELD, Severity.ERROR, HOSTILE, HOSTILE, sheet=HOSTILE)])
    echo(HOSTILE, fg="red")
    out, err = capsys.readouterr()
    assert "DURAND␍\tLéa\n" in out
    assert "␛]0;pris␇␛[31m\ufffd2J␡\ufffdDURAND" in err
    ours = (out + err).replace("\x1b[31m", "").replace("\x1b[1m", "").replace("\x1b[0m", "")
    assert ours == clean(ours)


def test_json_keeps_every_character_and_none_commands(capsys) -> None:
    emit_json({"nom": HOSTILE})
    out = capsys.readouterr().out
    assert json.loads(out) == {"nom": HOSTILE}
    assert out == clean(out)

"""Unbreakable spaces in what people read, and commands that can be pasted as they are."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest

from cqp_forms.errors import OutputError
from cqp_forms.typography import command_line, spaced

WORDS = [
    "plain.xlsx",
    "deux mots.xlsx",
    "l'été « 1 » !.xlsx",
    'dit "ça".xlsx',
    "a$HOME`b`!.xlsx",
    "é",
    "",
]


@pytest.mark.parametrize("word", WORDS)
def test_a_posix_shell_reads_back_each_word(word: str) -> None:
    line = command_line("fill", word, "-o", "out", windows=False)
    assert shlex.split(line) == ["cqp-forms", "fill", word, "-o", "out"]


def test_only_words_that_need_it_are_quoted() -> None:
    line = command_line("fill", Path("a/b-1.xlsx"), "-o", "Mes guides", windows=False)
    assert line == 'cqp-forms fill a/b-1.xlsx -o "Mes guides"'


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        (r"C:\CQP\fiche.xlsx", r"C:\CQP\fiche.xlsx"),
        (r"C:\Mes fiches\a & b.xlsx", r'"C:\Mes fiches\a & b.xlsx"'),
        ("C:\\Mes guides\\", '"C:\\Mes guides\\\\"'),
        ('dit "ça"', r'"dit \"ça\""'),
        ("é.xlsx", '"é.xlsx"'),
    ],
)
def test_windows_quoting(word: str, quoted: str) -> None:
    assert command_line("fill", word, windows=True) == f"cqp-forms fill {quoted}"


@pytest.mark.parametrize("word", WORDS[:4])
def test_windows_programs_read_back_each_word(word: str) -> None:
    """Python's own rules for Windows agree wherever they quote at all."""
    ours = command_line(word, windows=True).removeprefix("cqp-forms ")
    assert ours == subprocess.list2cmdline([word]) or ours == f'"{word}"'


def test_a_remedy_leaves_its_command_as_it_is() -> None:
    command = command_line("fill", "Lot 3 ; guides !/fiche.xlsx", "-o", "ça ?", windows=False)
    remedy = OutputError("x", remedy=f"Lancez : {command} ; puis vérifiez.").remedy
    assert command in remedy
    assert remedy.startswith("Lancez\u00a0: ") and remedy.endswith("\u00a0; puis vérifiez.")


def test_an_apostrophe_in_a_text_is_no_quotation_mark() -> None:
    assert spaced("l'un : l'autre !") == "l'un\u00a0: l'autre\u00a0!"

"""The program as a whole: help, version, French, and how each kind of failure ends."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from tests_support import command_reference

from cqp_forms import __version__
from cqp_forms.cli import COMMANDS, program
from cqp_forms.errors import ExitCode

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("flag", ["-h", "--help"])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_everywhere_and_in_french(run, flag: str, command: str) -> None:
    done = run(*([command] if command else []), flag)
    assert done.code == 0
    assert "Emploi :" in done.out
    assert "Affiche cette aide." in done.out
    for english in ("Usage:", "Show this message", "Error:", "[ARGS]"):
        assert english not in done.out


def test_every_command_of_the_contract_is_there(run) -> None:
    named = (
        "new prepare check merge fill batch results reissue return history deposit diff extract "
        "verify map app guides"
    )
    assert list(COMMANDS) == named.split()
    listed = run("--help").out
    for name in COMMANDS:
        assert f"\n  {name} " in listed


def test_every_parameter_explains_itself() -> None:
    context = click.Context(program)
    for name in COMMANDS:
        command = program.get_command(context, name)
        assert command is not None
        assert command.help
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts}"


def test_version(run) -> None:
    done = run("--version")
    assert (done.code, done.out) == (0, f"cqp-forms, version {__version__}\n")


THERE = str(ROOT / "examples/fiche-maitrisee.xlsx")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nouveau"], "commande inconnue « nouveau »"),
        (["fill"], "argument manquant"),
        (["fill", "a.xlsx", "--formt", "pdf"], "option inconnue --formt"),
        (["fill", "a.xlsx", "--format", "odt"], "n’est pas l’un de"),
        (["reissue", THERE], "option manquante"),
        (["check"], "argument manquant"),
        (["--project", "absent", "guides"], "n’existe pas"),
        (["-v", "-q", "guides"], "s’excluent"),
        (["fill", THERE, "b.xlsx"], "argument en trop (b.xlsx)"),
        (["map", "a.pdf", "--list", "--new-guide", "x"], "--list et --new-guide s’excluent"),
    ],
)
def test_a_malformed_command_is_told_in_french(run, args: list[str], said: str) -> None:
    done = run(*args)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert done.out == ""


def test_an_unexpected_failure_shows_no_traceback(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("divisé")

    monkeypatch.setattr("cqp_forms.project.Project.guide_ids", fail)
    done = run("guides")
    assert done.code == ExitCode.UNEXPECTED
    assert "Erreur imprévue (ZeroDivisionError : divisé)" in done.err
    assert "Traceback" not in done.err
    assert "Traceback" in run("-v", "guides").err


def test_an_interruption_ends_with_130(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cqp_forms.project.Project.guide_ids", interrupt)
    done = run("guides")
    assert done.code == ExitCode.INTERRUPTED
    assert "ce qui est émis reste émis" in done.err


def test_errors_are_json_too(run) -> None:
    done = run("fill", "absent.xlsx", "--json")
    assert done.code == ExitCode.USAGE
    assert done.json["error"]["exit_code"] == 2
    assert done.json["error"]["remedy"]


@pytest.mark.parametrize(
    "args", [["fill", "--json"], ["fill", "-o", "fichier", "a.xlsx", "--json"]]
)
def test_a_malformed_command_is_json_too(run, tmp_path: Path, args: list[str]) -> None:
    (tmp_path / "fichier").write_text("")
    done = run(*args)
    assert done.code == ExitCode.USAGE
    assert done.json["error"]["exit_code"] == 2
    assert done.json["error"]["message"]
    assert "Erreur" in done.err


def test_what_the_system_refuses_is_no_unexpected_failure(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "dossier/registre.sqlite")

    monkeypatch.setattr("cqp_forms.project.Project.guide_ids", refuse)
    done = run("guides", "--json")
    assert done.code == ExitCode.OUTPUT
    assert "dossier/registre.sqlite : le système refuse l’accès (accès refusé)" in done.err
    assert done.json["error"]["where"] == "dossier/registre.sqlite"
    assert "Permission" not in done.err


@pytest.mark.parametrize("command", ["check", "fill"])
def test_a_name_longer_than_the_system_takes(run, command: str) -> None:
    done = run(command, "a" * 300 + ".xlsx")
    assert done.code == ExitCode.ANSWERS
    assert "le chemin est trop long" in done.err


def test_json_loses_no_character_on_a_windows_console(make, tmp_path: Path) -> None:
    path = make(candidat__nom="Nguyễn", candidat__prenom="Paweł Ёлкин")
    done = subprocess.run(
        [sys.executable, "-m", "cqp_forms", "check", path, "--json"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )
    (only,) = json.loads(done.stdout.decode("cp1252"))["sources"]
    assert only["candidate"] == "NGUYỄN Paweł Ёлкин"


@pytest.mark.parametrize("command", ["check", "fill"])
def test_a_guide_is_read_once(run, make, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    from cqp_forms import project

    read, paths = project.read_guide, []

    def counting(path: Path) -> object:
        paths.append(path)
        return read(path)

    monkeypatch.setattr(project, "read_guide", counting)
    fiches = [make("a.xlsx"), make("b.xlsx", candidat__nom="Zola")][
        : 2 if command == "check" else 1
    ]
    assert run(command, *fiches).code == 0
    assert len(paths) == 1


def test_it_runs_as_a_module() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cqp_forms", "--version"], capture_output=True, text=True, check=True
    )
    assert __version__ in done.stdout


def test_a_console_that_is_not_utf8_is_no_crash() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cqp_forms", "--help"],
        capture_output=True,
        env={"PYTHONIOENCODING": "ascii", "PATH": ""},
        check=False,
    )
    assert done.returncode == 0
    assert b"cqp-forms" in done.stdout


def test_the_command_reference_is_up_to_date() -> None:
    written = (ROOT / "docs/commandes.md").read_text(encoding="utf-8")
    assert written == command_reference().render(), "run tools/make_command_reference.py"


def test_the_docs_name_every_command_and_exit_code() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    manual = (ROOT / "docs/mode-emploi.md").read_text(encoding="utf-8")
    reference = (ROOT / "docs/commandes.md").read_text(encoding="utf-8")
    for name in COMMANDS:
        assert f"cqp-forms {name}" in readme
        assert f"cqp-forms {name}" in manual
    for code in ExitCode:
        assert f"| {code.value} |" in reference


@pytest.mark.parametrize(
    ("options", "opens", "told"),
    [
        ([], True, "L’écran est ouvert dans le navigateur."),
        ([], False, "Ouvrez cette adresse dans le navigateur."),
        (["--no-browser"], True, "Ouvrez cette adresse dans le navigateur."),
    ],
)
def test_the_screen_says_whether_a_browser_was_opened(
    options: list[str], opens: bool, told: str, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda _address: opens)
    monkeypatch.setattr("cqp_forms.app.serve.serve", lambda *given: given[-1]("http://x.test/"))
    done = run("app", *options)
    assert done.code == 0 and told in done.out + done.err
    assert ("http://x.test/" in done.out) == told.startswith("Ouvrez")

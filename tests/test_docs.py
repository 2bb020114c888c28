"""The documents for people tell the truth: commands parse, links resolve, French is typeset."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from cqp_forms.cli import program

ROOT = Path(__file__).parents[1]
MANUAL = ROOT / "docs" / "mode-emploi.md"
FRENCH = (MANUAL, ROOT / "source_docs" / "README.md")
WITH_COMMANDS = (ROOT / "README.md", MANUAL, ROOT / "source_docs" / "README.md")
WITH_LINKS = (*WITH_COMMANDS, ROOT / "docs" / "architecture.md", ROOT / "CHANGELOG.md")
IMAGES = ROOT / "docs" / "images"

if not (ROOT / "docs").is_dir():
    pytest.skip("the documentation is in the checkout alone", allow_module_level=True)

#: A command ends with its line, or before another one or a comment.
_COMMAND = re.compile(r"(?:^|[\s\\/;&(])cqp-forms((?: +(?:\"[^\"]*\"|[^\s;&#\"]+))+)")
_LINK = re.compile(r"(!?)\[(?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`[^`]+`")


@dataclass(frozen=True)
class Shown:
    """A command line that a document shows."""

    document: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.document}: cqp-forms {' '.join(self.arguments)}"


def code_of(text: str) -> Iterator[str]:
    """The document's code, fenced, indented or in a line."""
    for block in _FENCED.findall(text):
        yield from block.splitlines()
    rest = _FENCED.sub("", text)
    yield from (line for line in rest.splitlines() if line.startswith("    cqp-forms"))
    yield from (" ".join(span.strip("`").split()) for span in _SPAN.findall(rest))


def commands() -> list[Shown]:
    found = []
    for path in WITH_COMMANDS:
        for line in code_of(path.read_text(encoding="utf-8")):
            for match in _COMMAND.finditer(line):
                arguments = tuple(shlex.split(match[1].replace("\\", "/")))
                found.append(Shown(path.name, arguments))
    return list(dict.fromkeys(found))


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    bare = re.sub(r"[`*]", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", bare).replace(" ", "-")


def prose(path: Path) -> str:
    """What a person reads: no code, no targets of links, no mark of pictures."""
    text = _FENCED.sub("", path.read_text(encoding="utf-8"))
    text = _SPAN.sub("`", text)
    text = re.sub(r"<https?://[^>]*>", "", text)
    return re.sub(r"\]\([^)]*\)", "]", text).replace("![", "[")


def test_the_manuals_show_every_command() -> None:
    shown = {one.arguments[0] for one in commands() if one.document == MANUAL.name}
    assert set(program.list_commands(click.Context(program))) <= shown


@pytest.mark.parametrize("shown", commands(), ids=str)
def test_a_command_that_is_shown_exists_with_its_options(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["." if "mon-projet" in one else one for one in shown.arguments]
    if {"--help", "--version", "-h"} & set(arguments):
        name = arguments[0]
        assert name.startswith("-") or program.get_command(click.Context(program), name)
        return
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("cqp_forms.cli.options._exists", lambda _path: True)
    top = click.Context(program, info_name="cqp-forms", **program.context_settings)
    # The program's own options come first; what is left begins with the command.
    name, *options = program.make_parser(top).parse_args(args=list(arguments))[1]
    command = program.get_command(top, name)
    assert command is not None, f"there is no command {name}"
    if not options and name in shown.arguments and len(shown.arguments) == 1:
        return  # the command alone, named in a sentence
    command.make_context(name, options, parent=top)


@pytest.mark.parametrize("path", WITH_LINKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(path: Path) -> None:
    text = _SPAN.sub("`", _FENCED.sub("", path.read_text(encoding="utf-8")))
    lost = []
    for _, target in _LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = path.parent / name if name else path
        if not there.exists():
            lost.append(target)
        elif anchor:
            headings = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            if anchor not in {slug(one) for one in headings}:
                lost.append(target)
    assert lost == []


def test_every_picture_is_shown_and_small() -> None:
    shown = {
        Path(name).name
        for path in WITH_LINKS
        for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    }
    there = {path.name for path in IMAGES.iterdir()}
    assert there == shown
    sizes = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    assert max(sizes.values()) <= 150_000
    assert sum(sizes.values()) <= 2_000_000


def test_every_picture_has_a_text_for_those_who_do_not_see_it() -> None:
    for path in WITH_LINKS:
        assert "![](" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("mark", [":", ";", "?", "!", "»"])
def test_french_marks_follow_an_unbreakable_space(mark: str, path: Path) -> None:
    text = prose(path)
    table_rules = re.compile(r"^\|[-:| ]+\|$", re.MULTILINE)
    text = table_rules.sub("", text)
    assert re.findall(rf".{{0,12}}[ \n]{re.escape(mark)}.{{0,8}}", text) == []
    assert re.findall(rf".{{0,12}}[\w)`*]{re.escape(mark)}(?=\s|$).{{0,8}}", text) == []


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: path.parent.name)
def test_french_quotes_and_apostrophes_are_typographic(path: Path) -> None:
    text = prose(path)
    assert re.findall(r".{0,12}['\"].{8}", text) == []
    assert re.findall(r".{0,12}«(?!\u00a0).{0,8}", text) == []

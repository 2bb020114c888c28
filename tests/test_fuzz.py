"""No file ends a command with an unexpected failure: mutated and made files, from fixed seeds.

Mutated ones are tried apart; ``CQP_FUZZ`` gives how many a format (``.ci/run`` asks for 2,000) and
``CQP_FUZZ_SECONDS`` how long a share of them may take at most.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from cqp_forms.cli import program

ROOT = Path(__file__).parents[1]
FICHE = ROOT / "examples/fiche-non-maitrisee.xlsx"
COUNT = int(os.environ.get("CQP_FUZZ", "4"))
SECONDS = float(os.environ.get("CQP_FUZZ_SECONDS", "60"))
SHARES = 4

#: What a mutation puts into a file: what readers trip over, in bytes and in XML.
MORSELS = (
    *(b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"<", b">", b"]]>", b"&x;", b"&#0;"),
    *(b"&#1114112;", b"-1", b"1e999", b"9" * 32, b"NaN", b'r="A0"', b't="s"', b"<v>-1</v>"),
    *(b'<c r="XFE1048577"', b"%PDF-9", b"/Type", b"<<", b">>", b"endobj", b"0 0 R", b"stream\n"),
)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, cut, doubled, or replaced by what readers trip over."""
    made = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(made) + 1)
        length = chance.choice((0, 1, 1, 2, 8, 64, 512))
        match chance.randrange(4):
            case 0:
                made[at : at + length] = chance.randbytes(length)
            case 1:
                made[at : at + length] = b""
            case 2:
                made[at:at] = made[at : at + length]
            case _:
                made[at : at + length] = chance.choice(MORSELS)
    return bytes(made)


def mutated_archive(content: bytes, chance: random.Random) -> bytes:
    """The same of one member, in an archive that is sound; or of the archive itself."""
    if chance.random() < 0.3:
        return mutated(content, chance)
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as made:
        names = source.namelist()
        hit = chance.choice(names)
        for name in names:
            part = source.read(name)
            if name != hit:
                made.writestr(name, part)
            elif chance.random() < 0.9:  # else it is missing
                made.writestr(name, mutated(part, chance))
    return target.getvalue()


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output folder with one version, without its register."""
    folder = tmp_path_factory.mktemp("issued")
    done = CliRunner().invoke(program, ["-q", "fill", str(FICHE), "-o", str(folder)])
    assert done.exit_code == 0, done.output
    (folder / "registre.sqlite").unlink()
    return folder


def require_expected(arguments: list[str], seed: str) -> None:
    done = CliRunner().invoke(program, arguments)
    assert done.exit_code != 1, f"{seed}: {arguments[:2]}: {done.stderr[-800:]}"
    assert "Traceback" not in done.stderr, seed


def commands_on(suffix: str, path: Path, target: Path) -> list[list[str]]:
    """The commands that read such a file."""
    if suffix == ".xlsx":
        return [["check", str(path)], ["diff", str(path), str(FICHE)]]
    return [
        ["extract", str(path), "-o", str(target)],
        ["verify", str(path), str(FICHE)],
        ["diff", str(path), str(FICHE)],
        ["map", str(path), "--list"],
    ]


@pytest.mark.apart
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("suffix", [".xlsx", ".docx", ".pdf"])
def test_no_file_is_an_unexpected_failure(
    issued: Path, tmp_path: Path, suffix: str, share: int
) -> None:
    whole = FICHE if suffix == ".xlsx" else next(issued.rglob(f"*_v1{suffix}"))
    content = whole.read_bytes()
    mutate = mutated if suffix == ".pdf" else mutated_archive
    path, end = tmp_path / f"f{suffix}", time.monotonic() + SECONDS
    for number in range(share, COUNT, SHARES):
        seed = f"{suffix} {number}"
        chance = random.Random(seed)
        path.write_bytes(mutate(content, chance))
        target = tmp_path / f"{number}.xlsx"
        require_expected(chance.choice(commands_on(suffix, path, target)), seed)
        target.unlink(missing_ok=True)
        if time.monotonic() > end:
            break


@pytest.mark.apart
@pytest.mark.parametrize("share", range(SHARES))
def test_a_register_is_rebuilt_from_whatever_lies_there(
    issued: Path, tmp_path: Path, share: int
) -> None:
    ways: dict[str, Callable[[bytes, random.Random], bytes]] = {
        ".pdf": mutated, ".docx": mutated_archive
    }  # fmt: skip
    end = time.monotonic() + SECONDS
    for number in range(share, COUNT // 3, SHARES):
        seed = f"rebuild {number}"
        chance = random.Random(seed)
        folder = tmp_path / str(number)
        shutil.copytree(issued, folder)
        suffix = chance.choice(tuple(ways))
        hit = next(folder.rglob(f"*_v1{suffix}"))
        hit.write_bytes(ways[suffix](hit.read_bytes(), chance))
        require_expected(["history", str(folder), "--rebuild"], seed)
        shutil.rmtree(folder)
        if time.monotonic() > end:
            break


MADE = {
    "empty": b"",
    "nul": b"\x00" * 64,
    "zip-of-nothing": b"PK\x05\x06" + b"\x00" * 18,
    "half-zip": b"PK\x03\x04" + b"\x00" * 40,
    "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "pdf-head": b"%PDF-1.7\n",
    "pdf-loop": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 1 0 R>>endobj\ntrailer<</Root 1 0 R>>",
    "text": "Champ;Réponse\nc1.1.1;OUI\n".encode(),
}


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("suffix", [".xlsx", ".ods", ".xls", ".docx", ".pdf"])
def test_no_made_file_is_an_unexpected_failure(tmp_path: Path, suffix: str, kind: str) -> None:
    path = tmp_path / f"f{suffix}"
    path.write_bytes(MADE[kind])
    table = suffix in (".ods", ".xls")
    for arguments in commands_on(".xlsx" if table else suffix, path, tmp_path / "x.xlsx"):
        require_expected(arguments, f"{kind}{suffix}")

"""Nothing but an error of ours leaves the reader, whatever happened to a file.

Real workbooks are damaged in every way that a disk, a mail server or an attacker has: bytes of the
archive, text of its parts, numbers and names in the XML. Seeded: a failure is the same each time.
Apart from the suite; ``CQP_FORMS_MUTATIONS`` says how many are made of each kind.
"""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from workbook_tools import complete

from cqp_forms.errors import CqpError
from cqp_forms.guide import Guide
from cqp_forms.workbook.read import read_workbook
from cqp_forms.workbook.write import fiche_bytes, lot_bytes

COUNT = int(os.environ.get("CQP_FORMS_MUTATIONS", "250"))

#: What takes the place of a piece of XML: numbers that overflow, names and bytes that break.
PIECES = [
    b"", b"<", b">", b'"', b"&", b"&nbsp;", b"&#0;", b"&#99999999999;", b"-1", b"1e999999999",
    b"9" * 400, b"9" * 5000, b"NaN", b"\xff\xfe", b"\x00", b"<!DOCTYPE a>", b"<![CDATA[", b"<c/>",
    b'<row r="0"/>', b' t="s"', b' t="d"', b' t="b"', b' s="77"', b"_xD800_", b"xml:space",
    b'encoding="utf-7"', b'encoding="x-unknown"', b"../" * 50, b"/", b"\xc3", b"A1048577", b"ZZZZ1",
]  # fmt: skip

Mutation = Callable[[random.Random, bytes], bytes]


def of_bytes(chance: random.Random, content: bytes) -> bytes:
    """Bytes of the archive changed, dropped or doubled."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 3, 20])):
        if not changed:
            break
        at = chance.randrange(len(changed))
        match chance.randrange(5):
            case 0:
                changed[at] ^= 1 << chance.randrange(8)
            case 1:
                changed[at] = chance.randrange(256)
            case 2:
                del changed[at : at + chance.randrange(1, 400)]
            case 3:
                changed[at:at] = changed[at : at + chance.randrange(1, 400)]
            case 4:
                del changed[max(1, at) :]
    return bytes(changed)


def of_directory(chance: random.Random, content: bytes) -> bytes:
    """Bytes of the list of members changed: sizes, offsets, methods, names."""
    start = content.find(b"PK\x01\x02")
    changed = bytearray(content)
    for _ in range(chance.choice([1, 2, 5])):
        changed[chance.randrange(start, len(changed))] = chance.choice([0, 1, 127, 128, 255])
    return bytes(changed)


def of_parts(chance: random.Random, content: bytes) -> bytes:
    """Pieces of the XML replaced, in an archive that is sound."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(chance.choice([1, 1, 2, 6])):
        name = chance.choice(sorted(parts))
        text = parts[name]
        at = chance.randrange(len(text) + 1)
        end = at + chance.choice([0, 1, 5, 40])
        match chance.randrange(8):
            case 0:
                del parts[name]
                if not parts:
                    break
            case 1:
                parts[name] = parts[chance.choice(sorted(parts))]
            case _:
                parts[name] = text[:at] + chance.choice(PIECES) + text[end:]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


@pytest.mark.apart
@pytest.mark.parametrize("mutation", [of_bytes, of_directory, of_parts], ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", ["fiche", "lot"])
def test_only_our_own_errors_leave_the_reader(
    kind: str, mutation: Mutation, guide: Guide, tmp_path: Path
) -> None:
    answers = complete(guide)
    content = fiche_bytes(guide, answers) if kind == "fiche" else lot_bytes(guide, [answers] * 2)
    path = tmp_path / "f.xlsx"
    read = 0
    for seed in range(COUNT // 2):
        path.write_bytes(mutation(random.Random(seed), content))
        try:
            for candidate in read_workbook(path, guide):
                candidate.check(guide, date(2026, 6, 2))
                read += 1
        except CqpError as error:
            assert error.message
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}") from error
    # Some damage touches nothing that counts: the test would be blind if all were refused.
    assert read > 0

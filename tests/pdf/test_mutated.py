"""No PDF makes the program fall over: issued documents with random damage are read or refused.

Apart from the suite; ``CQP_FORMS_MUTATIONS`` says how many (``.ci/run``: 2,000).
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from io import BytesIO

import pikepdf
import pytest
from samples import EDITION, random_plan

from cqp_forms.errors import DocumentError, ExitCode
from cqp_forms.guide import Guide
from cqp_forms.mapping import PdfMapping
from cqp_forms.pdf.lint import lint
from cqp_forms.pdf.read import read, read_payload, read_trail
from cqp_forms.pdf.stamp import PdfStamper
from cqp_forms.plan import Finish

TOTAL = int(os.environ.get("CQP_FORMS_MUTATIONS", "48"))
CHUNKS = 12
Blank = tuple[bytes, PdfMapping]
ISSUED = replace(EDITION, payload=b'{"answers": {}}')

_TOKEN = re.compile(rb"/[A-Za-z]+|-?\d+(?:\.\d+)?|<<|>>|\[|\]|\d+ 0 R")
_STRANGE = (
    b"", b"0", b"-1", b"null", b"true", b"[", b"]", b"<<", b">>", b"(", b"/Z", b"99999999999999999",
    b"1e9", b"1 0 R", b"7 0 R", b"[]", b"<< >>", b"()", b"<ff", b"-0.00000001", b"\xff\xfe",
    b"(\xe9)",
)  # fmt: skip


def _flip(data: bytearray, draw: random.Random) -> None:
    for _ in range(draw.randint(1, 40)):
        data[draw.randrange(len(data))] = draw.randrange(256)


def _cut(data: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(data))
    del data[start : start + draw.randint(1, 5000)]


def _repeat(data: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(data))
    data[start:start] = data[start : start + draw.randint(1, 3000)]


def _replace(data: bytearray, draw: random.Random) -> None:
    """Put strange objects where others stood: types, references and loops."""
    tokens = list(_TOKEN.finditer(data))
    for one in sorted(draw.sample(tokens, draw.randint(1, 60)), key=lambda it: -it.start()):
        data[one.start() : one.end()] = draw.choice(_STRANGE)


def _exchange(data: bytearray, draw: random.Random) -> None:
    tokens = [one.group() for one in _TOKEN.finditer(data)]
    old, new = draw.choice(tokens), draw.choice(tokens)
    data[:] = data.replace(old, new, draw.randint(1, 20))


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _cut, _repeat, _replace, _replace, _replace, _exchange, _exchange,
)  # fmt: skip


def mutated(document: bytes, seed: int) -> bytes:
    """The document with damage drawn from a seed."""
    draw = random.Random(seed)
    data = bytearray(document)
    for _ in range(draw.randint(1, 3)):
        draw.choice(MUTATIONS)(data, draw)
    return bytes(data)


@pytest.fixture(scope="module")
def bases(guide: Guide, blank: Blank) -> list[bytes]:
    """An issued document and an editable one, as they are and with nothing compressed."""
    found = []
    for finish in Finish:
        document = PdfStamper(*blank, guide, finish).stamp(random_plan(guide, 1, long=1500), ISSUED)
        plain = BytesIO()
        with pikepdf.open(BytesIO(document)) as pdf:
            pdf.save(
                plain,
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
            )
        found += [document, plain.getvalue()]
    return found


@pytest.mark.apart
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_damaged_document_is_read_or_refused(
    bases: list[bytes], blank: Blank, guide: Guide, chunk: int
) -> None:
    refused = shown = 0
    for seed in range(chunk, TOTAL, CHUNKS):
        document = mutated(bases[seed // CHUNKS % len(bases)], seed)
        # Whole pages take long; what is beside them does not.
        slow = [lambda one: lint(one, blank[1])] if seed % 5 == 0 else []
        for look in (partial(read, mapping=blank[1], guide=guide, blank=blank[0]), read_payload,
                     read_trail, *slow):  # fmt: skip
            try:
                look(document)
                shown += 1
            except DocumentError as error:
                refused += 1
                assert error.exit_code is ExitCode.DOCUMENT
                assert error.message.endswith(".") or error.message.endswith("\u00a0!")
                assert error.remedy
    assert shown
    assert refused

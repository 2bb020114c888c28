"""What a candidate's whole path cannot do without, done by libraries alone on finished documents.

Inflating both documents' own content to read it back and deflating it to write it, parsing the XML
that a DOCX is read from, opening the PDF, hashing both files and writing them. Nothing here looks
for an answer, sets a line of text or compares anything.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import time
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import pikepdf
from lxml import etree

from cqp_forms.mapping import MAIN_PART


def seconds(documents: Sequence[tuple[bytes, bytes]]) -> float:
    """CPU seconds for all of them.

    Args:
        documents: a DOCX and a PDF a candidate, as they are issued.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with tempfile.TemporaryDirectory() as name:
        start = time.process_time()
        for number, (docx, pdf) in enumerate(documents):
            with zipfile.ZipFile(io.BytesIO(docx)) as package:
                body = package.read(MAIN_PART)
            etree.fromstring(body, parser)
            zlib.compress(body, 6)
            with pikepdf.open(io.BytesIO(pdf)) as opened:
                for page in opened.pages:
                    # The last stream of a page is what stamping has added.
                    contents = page.obj.Contents
                    last = contents[-1] if isinstance(contents, pikepdf.Array) else contents
                    zlib.compress(last.read_bytes(), 6)
            for suffix, content in (("docx", docx), ("pdf", pdf)):
                hashlib.sha256(content).hexdigest()
                Path(name, f"{number}.{suffix}").write_bytes(content)
        return time.process_time() - start

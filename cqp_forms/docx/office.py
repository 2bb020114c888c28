"""Lay a DOCX out as pages, with LibreOffice: only a word processor knows where its lines break."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from cqp_forms.errors import DocumentError

#: LibreOffice takes a few seconds; far more than this means that it hangs.
_SECONDS = 180


def to_pdf(document: bytes, program: Path) -> bytes:
    """The pages of a DOCX as a PDF.

    Args:
        document: the DOCX.
        program: LibreOffice's ``soffice``.

    Raises:
        DocumentError: LibreOffice did not make a PDF of it.
    """
    with tempfile.TemporaryDirectory(prefix="cqp-forms-") as name:
        folder = Path(name)
        source = folder / "document.docx"
        source.write_bytes(document)
        command = [
            str(program),
            # A profile of its own: an open LibreOffice would take the document over.
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            name,
            str(source),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
            return (folder / "document.pdf").read_bytes()
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise DocumentError(
                "LibreOffice n’a pas pu mettre ce document en pages.",
                remedy="Ouvrez-le dans LibreOffice pour voir ce qui ne va pas, ou vérifiez le PDF.",
            ) from problem

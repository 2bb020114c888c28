"""Lay DOCX out as pages, with LibreOffice: only a word processor knows where their lines break."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cqp_forms.errors import DocumentError

#: LibreOffice takes a few seconds; far more than this means that it hangs.
_SECONDS = 180
#: Where its installers put it without telling the shell: macOS, Windows.
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
)


def office() -> Path | None:
    """LibreOffice's program; ``None`` where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return Path(found) if found else next((one for one in map(Path, _PLACES) if one.exists()), None)


def to_pdfs(documents: Sequence[bytes], program: Path) -> list[bytes]:
    """The pages of each DOCX as a PDF.

    Raises:
        DocumentError: LibreOffice did not make a PDF of each.
    """
    with tempfile.TemporaryDirectory(prefix="cqp-forms-") as name:
        folder = Path(name)
        sources = [folder / f"{rank}.docx" for rank in range(len(documents))]
        for source, content in zip(sources, documents, strict=True):
            source.write_bytes(content)
        command = [
            str(program),
            # A profile of its own: an open LibreOffice would take the document over.
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--convert-to", "pdf", "--outdir", name),
            *map(str, sources),
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)
            return [one.with_suffix(".pdf").read_bytes() for one in sources]
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise DocumentError(
                "LibreOffice n’a pas pu mettre ce document en pages.",
                remedy="Ouvrez-le dans LibreOffice pour voir ce qui ne va pas.",
            ) from problem

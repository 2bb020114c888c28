"""The lines that a paragraph shows, and what keeps them from being read.

For comparing documents that an editor has saved again: what is named here is what no editor
changes of itself.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cqp_forms.docx import wml
from cqp_forms.docx.styles import HIDDEN, Styles
from cqp_forms.errors import DocumentError

#: LibreOffice takes a few seconds; far more than this means that it hangs.
_SECONDS = 180
#: Where its installers put it without telling the shell: macOS, Windows.
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:/Program Files/LibreOffice/program/soffice.exe",
)


if TYPE_CHECKING:
    from lxml.etree import _Element as Element

#: Fields whose result depends on the page (17.16.5): each program puts another one.
_PAGED = ("PAGE", "NUMPAGES", "SECTIONPAGES")
#: What is drawn rather than written.
_DRAWN = ("drawing", "pict", "object")
_DRAWING = "[dessin]"


def lines_of(paragraph: Element, styles: Styles) -> Iterator[str]:
    """The lines of a paragraph: its text, then what its drawings say.

    Text that a placeholder shows, that is hidden, and page numbers are left out; text that is
    struck out, pale or minute stands between brackets that say so, and so does a line that its
    row or frame hides; words and boxes that a numbering draws come first; a drawing without text is
    named.
    """
    if _in_fallback(paragraph) or _is_placeholder(paragraph):
        return
    unseen = set(_page_numbers(paragraph))
    parts: list[tuple[tuple[str, ...], str]] = []
    for piece in wml.pieces(paragraph):
        run = piece.element.getparent()
        if run is None or piece.element in unseen or _is_placeholder(piece.element):
            continue
        flaws = styles.flaws(run)
        if HIDDEN in flaws:
            continue
        # Editors cut a run in several, and join several in one.
        flaws = flaws if piece.text.strip() else ()
        if parts and parts[-1][0] == flaws:
            parts[-1] = flaws, parts[-1][1] + piece.text
        else:
            parts.append((flaws, piece.text))
    text = "".join(_bracketed(flaws, text) for flaws, text in parts)
    text = styles.bullet(paragraph) + text
    around = styles.frame_flaws(paragraph) if text.strip() else ()
    yield from (_bracketed(around, line) for line in text.split("\n"))
    yield from _drawings(paragraph)


def _bracketed(flaws: tuple[str, ...], text: str) -> str:
    return f"[{', '.join(flaws)} : {text}]" if flaws and text.strip() else text


def invitations(root: Element) -> Iterator[str]:
    """The texts by which empty controls invite to type."""
    for control in wml.all_words(root, "sdt"):
        properties = wml.child(control, "sdtPr")
        if properties is not None and wml.is_on(wml.child(properties, "showingPlcHdr")):
            yield "".join(one.text or "" for one in wml.all_words(control, "t"))


def _in_fallback(element: Element) -> bool:
    """Whether it repeats what stands in ``mc:Choice``."""
    return any(one.tag == wml.qn("mc:Fallback") for one in element.iterancestors())


def _is_placeholder(element: Element) -> bool:
    """Whether a control shows it as its invitation to type (17.5.2.39)."""
    for one in element.iterancestors():
        if wml.is_word(one, "sdt"):
            properties = wml.child(one, "sdtPr")
            if properties is not None and wml.is_on(wml.child(properties, "showingPlcHdr")):
                return True
    return False


def _page_numbers(paragraph: Element) -> Iterator[Element]:
    """The text elements that hold a page number."""
    for simple in wml.all_words(paragraph, "fldSimple"):
        if _is_paged(wml.attribute(simple, "instr") or ""):
            yield from wml.all_words(simple, "t")
    code, inside, result = "", False, False
    for element in paragraph.iter():
        name = wml.local(element)
        if name == "fldChar":
            match wml.attribute(element, "fldCharType"):
                case "begin":
                    code, inside, result = "", True, False
                case "separate":
                    result = True
                case _:
                    inside = result = False
        elif name == "instrText" and inside:
            code += element.text or ""
        elif name == "t" and result and _is_paged(code):
            yield element


def _is_paged(code: str) -> bool:
    return code.split()[:1] in [[one] for one in _PAGED]


def _drawings(paragraph: Element) -> Iterator[str]:
    """What the drawings of a paragraph are: the text of WordArt, else that there is one.

    The paragraphs of a text box are lines of their own.
    """
    for name in _DRAWN:
        for drawing in wml.all_words(paragraph, name):
            if wml.paragraph_of(drawing) is not paragraph or _in_fallback(drawing):
                continue
            art = [one.get("string", "") for one in drawing.iter(wml.qn("v:textpath"))]
            if art := [one for one in art if one]:
                yield from art
            elif not any(one.text for one in _boxed(drawing)):
                # A frame without a word covers what is under it.
                yield _DRAWING


def _boxed(drawing: Element) -> Iterator[Element]:
    for box in wml.all_words(drawing, "txbxContent"):
        yield from wml.all_words(box, "t")


def office() -> Path | None:
    """LibreOffice's program; ``None`` where it is not installed."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return Path(found) if found else next((one for one in map(Path, _PLACES) if one.exists()), None)


#: LibreOffice's names for what it writes: pages alone, or with comments as text annotations.
PAGES = "pdf"
WITH_COMMENTS = 'pdf:writer_pdf_Export:{"ExportNotes":{"type":"boolean","value":"true"}}'


def to_pdfs(documents: Sequence[bytes], program: Path, wanted: str = PAGES) -> list[bytes]:
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
            *("--headless", "--convert-to", wanted, "--outdir", name),
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

"""The print bundle of a batch: which documents, under which names, written whole or not at all."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cqp_forms.batch.outcome import Outcome
from cqp_forms.batch.report import Header, remove_leftovers
from cqp_forms.errors import OutputError
from cqp_forms.issuing.history import State, file_state
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.storage import make_folder, output_errors
from cqp_forms.pdf.bundle import Item, is_bundle, write_bundle


@dataclass(frozen=True, slots=True)
class Bundled:
    """What went into a bundle.

    Attributes:
        pages: of the documents, without the list and blank pages.
        left_out: the PDFs that are not as they were issued: path, and what became of them.
    """

    path: Path
    documents: int
    pages: int
    left_out: tuple[tuple[str, State], ...]


def require_replaceable(path: Path) -> None:
    """Refuse to write a bundle over anything but an earlier bundle.

    Raises:
        OutputError: the file is something else, an issued guide perhaps.
    """
    if path.exists() and not is_bundle(path):
        raise OutputError(
            "ce fichier existe déjà et n’est pas un lot à imprimer : il n’est pas remplacé.",
            where=str(path),
            remedy="Donnez un autre nom à --print-bundle, ou déplacez ce fichier.",
        )


def make_bundle(header: Header, outcomes: Iterable[Outcome], path: Path) -> Bundled | None:
    """Put the PDF of every candidate who has one into one file.

    Args:
        header: the batch.
        outcomes: in the order of the bundle.
        path: where it goes, in place of an earlier bundle.

    Returns:
        What is in it; ``None`` when there is nothing to print, and no file was written.

    Raises:
        OutputError: the file cannot be written.
        DocumentError: an issued PDF cannot be read.
    """
    # reportlab takes a tenth of a second to import: only a bundle pays for it.
    from cqp_forms.batch.bundle_index import Index

    left_out: list[tuple[str, State]] = []
    guide = header.guide
    temporary = path.with_name(f".{path.name[:40]}-{os.getpid()}.tmp")
    with output_errors(path):
        make_folder(path.absolute().parent)
        remove_leftovers(path.parent, f".{glob.escape(path.name[:40])}-*.tmp", header.started)
        try:
            with temporary.open("w+b") as file:
                items = write_bundle(
                    file,
                    _items(header, outcomes, left_out),
                    Index(guide, header.started),
                    title=" – ".join(
                        filter(None, ("Guides à imprimer", guide.tool, guide.certificate))
                    ),
                    language=guide.language,
                    created=header.started,
                )
            if not items:
                return None
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    return Bundled(path, len(items), sum(one.pages for one in items), tuple(left_out))


def _items(
    header: Header, outcomes: Iterable[Outcome], left_out: list[tuple[str, State]]
) -> Iterator[Item]:
    for one in outcomes:
        file = one.file(Role.PDF)
        if not one.state.done or file is None:
            continue
        state = file_state(header.folder, file)
        if state is not State.INTACT:
            left_out.append((file.path, state))
            continue
        version = str(one.version) if one.version else "brouillon"
        yield Item(one.candidate, header.folder / file.path, (one.reference, version))

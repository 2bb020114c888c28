"""Find guides, blanks and mappings: in the project folder first, then in what is installed.

A ``mappings/`` and a ``source_docs/`` in the working folder (or the one named by ``--project``)
come first, so that a user adds a guide or replaces a blank without touching the package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cqp_forms.errors import DocumentError, GuideError, refusal
from cqp_forms.guide import Guide
from cqp_forms.guide_yaml import GUIDE_FILE, read_guide
from cqp_forms.mapping import AnyMapping, Format
from cqp_forms.mapping_yaml import read_mapping
from cqp_forms.typography import folded

DEFAULT_GUIDE = "technico-commercial"
MAPPINGS = "mappings"
SOURCE_DOCS = "source_docs"


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank document with the mapping that says where its fields lie.

    Attributes:
        content: the document's bytes.
        mapping: of the same format as the document.
        path: where the document was read.
        mapping_sha256: of the mapping file, in hexadecimal; empty when it has none.
    """

    content: bytes
    mapping: AnyMapping
    path: Path
    mapping_sha256: str = ""

    @property
    def format(self) -> Format:
        """DOCX or PDF."""
        return self.mapping.format


def installed_data() -> Path:
    """The folder that holds ``mappings/`` and ``source_docs/``: package data, or the checkout."""
    packaged = Path(__file__).parent / "data"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Project:
    """The folders to look in, first match wins."""

    roots: tuple[Path, ...]

    @classmethod
    def at(cls, folder: Path) -> Project:
        """The user's folder, then what is installed."""
        return cls((folder, installed_data()))

    def guide_ids(self) -> list[str]:
        """The ids of the guides at hand, sorted."""
        found = {
            path.parent.name
            for root in self.roots
            for path in root.glob(f"{MAPPINGS}/*/{GUIDE_FILE}")
        }
        return sorted(found)

    def _find(self, *parts: str) -> Path | None:
        for root in self.roots:
            path = root.joinpath(*parts)
            if path.is_file():
                return path
        return None

    def guide(self, guide_id: str = DEFAULT_GUIDE) -> Guide:
        """Read a guide.

        Raises:
            GuideError: no such guide, or its file is not one, or is another's.
        """
        path = self._find(MAPPINGS, guide_id, GUIDE_FILE)
        if path is None:
            known = self.guide_ids()
            close = [one for one in known if folded(guide_id) in folded(one)]
            raise GuideError(
                f"le guide « {guide_id} » est introuvable.",
                remedy=f"Guides disponibles : {', '.join(close or known) or 'aucun'}.",
            )
        guide = read_guide(path)
        if guide.id != guide_id:
            raise GuideError(
                f"ce guide se nomme « {guide.id} », mais son dossier « {guide_id} ».",
                where=str(path),
                remedy="Donnez-leur le même nom : la clé « id », ou le dossier.",
            )
        return guide

    def known_guides(self) -> Iterator[Guide]:
        """The guides at hand that can be read."""
        for guide_id in self.guide_ids():
            try:
                yield self.guide(guide_id)
            except GuideError:
                continue

    def mapping_path(self, guide_id: str, kind: Format) -> Path | None:
        """The guide's mapping file for one format, ``None`` when it has none."""
        return self._find(MAPPINGS, guide_id, f"{kind}.yaml")

    def formats(self, guide: Guide) -> tuple[Format, ...]:
        """The formats that the guide has a mapping for."""
        return tuple(kind for kind in Format if self.mapping_path(guide.id, kind))

    def document(self, mapping: AnyMapping) -> bytes | None:
        """The very document that a mapping describes, ``None`` where it is not at hand."""
        path = self._find(SOURCE_DOCS, mapping.document)
        content = path.read_bytes() if path else None
        known = content is not None and hashlib.sha256(content).hexdigest() == mapping.sha256
        return content if known else None

    def blank(self, guide: Guide, kind: Format) -> Blank:
        """The guide's blank in one format, checked against its mapping.

        Raises:
            DocumentError: no mapping, no document, or one that is not the mapped one.
        """
        path = self.mapping_path(guide.id, kind)
        if path is None:
            raise DocumentError(
                f"le guide « {guide.id} » n’a pas de correspondance {kind.upper()}.",
                remedy=f"Créez mappings/{guide.id}/{kind}.yaml : cqp-forms map DOCUMENT.{kind}.",
            )
        mapping = read_mapping(path)
        document = self._find(SOURCE_DOCS, mapping.document)
        if document is None:
            raise DocumentError(
                f"le document « {mapping.document} » est introuvable dans source_docs.",
                where=str(path),
                remedy="Remettez-le dans source_docs/, ou corrigez la clé « document ».",
            )
        return load_blank(guide, document, path)


def load_blank(guide: Guide, document: Path, mapping_path: Path) -> Blank:
    """Read a document and its mapping, and check that they go together.

    Raises:
        DocumentError: unreadable, incomplete, or not the mapped document.
    """
    mapping = read_mapping(mapping_path)
    try:
        content = document.read_bytes()
    except OSError as problem:
        raise DocumentError(
            f"document illisible ({refusal(problem)}).",
            where=str(document),
            remedy="Vérifiez le chemin et les droits.",
        ) from problem
    mapping.require_document(content, str(document))
    mapping.require_complete(guide, str(mapping_path))
    mapping_sha256 = hashlib.sha256(mapping_path.read_bytes()).hexdigest()
    return Blank(content, mapping, document, mapping_sha256)

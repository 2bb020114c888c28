"""Find guides, blanks and mappings: in the project folder first, then in what is installed.

A ``mappings/`` and a ``source_docs/`` in the working folder (or the one named by ``--project``)
come first, so that a user adds a guide or replaces a blank without touching the package.

Blanks that were released once, or used by a user, stay known under their SHA-256, each in a folder
of that name with its mapping: documents made on them are still read after the guide's own changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from cqp_forms.errors import DocumentError, GuideError
from cqp_forms.files import read_document
from cqp_forms.guide import Guide
from cqp_forms.guide_yaml import GUIDE_FILE, read_guide
from cqp_forms.mapping import AnyMapping, Format, Locator
from cqp_forms.mapping_lint import pending, require_complete, require_usable
from cqp_forms.mapping_yaml import read_mapping, read_mapping_file
from cqp_forms.typography import folded

DEFAULT_GUIDE = "technico-commercial"
MAPPINGS = "mappings"
SOURCE_DOCS = "source_docs"
#: Where former blanks are: in ``source_docs``, and in the output folder that they were used in.
FORMER = "former"
KEPT = ".modeles"

_SHA256 = re.compile("[0-9a-f]{64}")


class Unsure(Enum):
    """What becomes of placements whose place is not known, or that no one confirmed."""

    REFUSED = "refused"
    LEFT_BLANK = "left-blank"


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank document with the mapping that says where its fields lie.

    Attributes:
        content: the document's bytes.
        mapping: of the same format as the document.
        path: where the document was read.
        mapping_file: the mapping as it was read.
        pending: for a draft, the placements that stay blank, and the place supposed for each;
            ``None`` where none is.
    """

    content: bytes
    mapping: AnyMapping
    path: Path
    mapping_file: bytes
    pending: Mapping[str, Locator | None] = field(default_factory=dict)

    @property
    def format(self) -> Format:
        """DOCX or PDF."""
        return self.mapping.format

    @property
    def sha256(self) -> str:
        """Of the document, in hexadecimal: the mapping is pinned to it."""
        return self.mapping.sha256

    @property
    def mapping_sha256(self) -> str:
        """Of the mapping file, in hexadecimal."""
        return hashlib.sha256(self.mapping_file).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptBlank:
    """What makes an output folder sufficient to read what is in it: a blank of the user's own.

    Attributes:
        sha256: of the document: the name of its folder.
        files: contents by file name, as :meth:`Project.former` finds them.
    """

    sha256: str
    files: Mapping[str, bytes]


def installed_data() -> Path:
    """The folder that holds ``mappings/`` and ``source_docs/``: package data, or the checkout."""
    packaged = Path(__file__).parent / "data"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Project:
    """The folders to look in, first match wins.

    Attributes:
        roots: each with ``mappings/`` and ``source_docs/``.
        outputs: folders where guides were issued, whose kept blanks are known too.
    """

    roots: tuple[Path, ...]
    outputs: tuple[Path, ...] = ()

    @classmethod
    def at(cls, folder: Path) -> Project:
        """The user's folder, then what is installed."""
        return cls((folder, installed_data()))

    def knowing(self, outputs: Iterable[Path]) -> Project:
        """The same project, which also knows the blanks kept in these output folders."""
        return replace(self, outputs=tuple(dict.fromkeys((*self.outputs, *outputs))))

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
        path = self._find(MAPPINGS, guide_id, GUIDE_FILE) or self._kept_guide(guide_id)
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

    def _kept_guide(self, guide_id: str) -> Path | None:
        """The file of a guide that is at hand only where it was used."""
        for shelf in self._shelves():
            for path in sorted(shelf.glob(f"*/{GUIDE_FILE}")):
                try:
                    if read_guide(path).id == guide_id:
                        return path
                except GuideError:
                    continue
        return None

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

    def own_mapping(self, content: bytes, kind: Format, guide_id: str | None) -> Path | None:
        """The mapping of a document in the user's own folder, ``None`` where there is none.

        Args:
            guide_id: whose mapping it is; ``None`` for that of whichever guide has the document.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        for path in sorted(self.roots[0].glob(f"{MAPPINGS}/{guide_id or '*'}/{kind}.yaml")):
            try:
                if guide_id or read_mapping(path).sha256 == sha256:
                    return path
            except DocumentError:
                continue  # another guide's file, which is told when it is used
        return None

    def formats(self, guide: Guide) -> tuple[Format, ...]:
        """The formats that the guide has a mapping for."""
        return tuple(kind for kind in Format if self.mapping_path(guide.id, kind))

    def document(self, mapping: AnyMapping) -> bytes | None:
        """The very document that a mapping describes, ``None`` where it is not at hand."""
        path = self._find(SOURCE_DOCS, mapping.document)
        content = path.read_bytes() if path else None
        known = content is not None and hashlib.sha256(content).hexdigest() == mapping.sha256
        return content if known else None

    def blank(self, guide: Guide, kind: Format, unsure: Unsure = Unsure.REFUSED) -> Blank:
        """The guide's blank in one format, checked against its mapping.

        Args:
            unsure: what becomes of places that are not known, or that no one confirmed.

        Raises:
            DocumentError: no mapping, no document, or one that is not the mapped one.
        """
        path = self.mapping_path(guide.id, kind)
        if path is None:
            raise DocumentError(
                f"le guide « {guide.id} » n’a pas de correspondance {kind.upper()}.",
                remedy=f"Mettez le document vierge dans {SOURCE_DOCS}, puis : cqp-forms map "
                f"{SOURCE_DOCS}/DOCUMENT.{kind} --guide {guide.id} "
                f"-o mappings/{guide.id}/{kind}.yaml.",
            )
        mapping, file = read_mapping_file(path)
        document = self._find(SOURCE_DOCS, mapping.document)
        if document is None:
            raise DocumentError(
                f"le document « {mapping.document} » est introuvable dans source_docs.",
                where=str(path),
                remedy="Remettez-le dans source_docs/, ou corrigez la clé « document ».",
            )
        return _blank(guide, document, path, mapping, file, unsure)

    def former(self, guide: Guide) -> Iterator[Blank]:
        """The guide's former blanks, and those kept where they were used; each once.

        One that is damaged, incomplete, or another guide's is left out.
        """
        seen = set()
        for shelf in self._shelves():
            for folder in sorted(shelf.glob("*")):
                for kind in Format:
                    blank = _shelved(guide, folder, kind)
                    if blank is not None and blank.sha256 not in seen:
                        seen.add(blank.sha256)
                        yield blank

    def blank_named(self, guide: Guide, kind: Format, sha256: str) -> Blank | None:
        """The blank with that SHA-256: the guide's own or a former one; ``None`` if not known."""
        try:
            current = self.blank(guide, kind)
        except DocumentError:
            pass  # what was made on a former blank is read all the same
        else:
            if current.sha256 == sha256:
                return current
        if not _SHA256.fullmatch(sha256):
            return None
        found = (_shelved(guide, shelf / sha256, kind) for shelf in self._shelves())
        return next((one for one in found if one is not None), None)

    def kept(self, guide: Guide, blank: Blank) -> KeptBlank | None:
        """What is to be kept where a blank is used; ``None`` where what is installed suffices.

        What is installed is known by what it is, not by where it was found: a project folder may
        hold the same files.
        """
        if blank.path.absolute().is_relative_to(installed_data()):
            return None
        document, mapping = f"document.{blank.format}", f"{blank.format}.yaml"
        files = {document: blank.content, mapping: blank.mapping_file}
        source, own = installed_data() / SOURCE_DOCS, installed_data() / MAPPINGS / guide.id
        former = source / FORMER / blank.sha256
        pairs = (
            (source / blank.mapping.document, own / mapping),
            (former / document, former / mapping),
        )
        known = any(
            _holds(one, blank.content) and _holds(other, blank.mapping_file) for one, other in pairs
        )
        if (guide_file := self._find(MAPPINGS, guide.id, GUIDE_FILE)) is not None:
            files[GUIDE_FILE] = guide_file.read_bytes()
            known = known and _holds(own / GUIDE_FILE, files[GUIDE_FILE])
        return None if known else KeptBlank(blank.sha256, files)

    def _shelves(self) -> Iterator[Path]:
        yield from (root / SOURCE_DOCS / FORMER for root in self.roots)
        yield from (folder / KEPT for folder in self.outputs)


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _shelved(guide: Guide, folder: Path, kind: Format) -> Blank | None:
    """The blank in a folder that is named after its SHA-256."""
    mapping, document = folder / f"{kind}.yaml", folder / f"document.{kind}"
    if not mapping.is_file():
        return None
    try:
        blank = load_blank(guide, document, mapping)
    except DocumentError:
        return None
    return blank if blank.sha256 == folder.name else None


def load_blank(
    guide: Guide, document: Path, mapping_path: Path, unsure: Unsure = Unsure.REFUSED
) -> Blank:
    """Read a document and its mapping, and check that they go together.

    Args:
        unsure: what becomes of places that are not known, or that no one confirmed.

    Raises:
        DocumentError: unreadable, incomplete, or not the mapped document.
    """
    mapping, file = read_mapping_file(mapping_path)
    return _blank(guide, document, mapping_path, mapping, file, unsure)


def _blank(
    guide: Guide,
    document: Path,
    mapping_path: Path,
    mapping: AnyMapping,
    mapping_file: bytes,
    unsure: Unsure,
) -> Blank:
    content = read_document(document)
    mapping.require_document(content, str(document))
    if unsure is Unsure.REFUSED:
        require_complete(mapping, guide, str(mapping_path), str(document))
        return Blank(content, mapping, document, mapping_file)
    require_usable(mapping, guide, str(mapping_path))
    waiting = {one: mapping.locators.get(one) for one in pending(mapping, guide)}
    return Blank(content, mapping.without(waiting), document, mapping_file, waiting)

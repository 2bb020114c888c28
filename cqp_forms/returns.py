"""Signed copies that come back: which version each is, whether it still says the same, who signed.

Which version: by the issued bytes at its beginning, else by its code, its embedded answers, its
text. What it shows is proved by making it again, and held against the answers in the register; what
came after each signature is pyHanko's to judge. Only then is a copy entered.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from cqp_forms.answers import Answers
from cqp_forms.errors import CqpError, DocumentError, OutputError, ScannedError, UsageError, refusal
from cqp_forms.examine import Document, Run, verify
from cqp_forms.formats import format_of, recognise
from cqp_forms.guide import Guide
from cqp_forms.issuing.naming import Role, person
from cqp_forms.issuing.signed import Archivist, Signing, area_title, areas_of
from cqp_forms.issuing.version import IssuedFile, SignedCopy, Version, answers_from_canonical
from cqp_forms.limits import FILE_BYTES
from cqp_forms.pdf.signatures import (
    Kind,
    Signature,
    SignatureVerdict,
    is_checked,
    pdf_places,
    signatures,
)
from cqp_forms.plan import make_plan
from cqp_forms.proof import Alteration
from cqp_forms.shown import Difference, Shown, differences
from cqp_forms.typography import folded

#: What a scan may be.
SCANS = frozenset({".pdf", ".jpg", ".jpeg", ".png", ".tif", ".tiff"})
#: A PDF may begin with something else; readers look this far.
_HEAD = 1024
_DECLARE = "Déclarez ce scan : cqp-forms return FICHIER --candidate NOM --version N."
_BY_BYTES = "les octets émis, au début du fichier"
_UNKNOWN = "ce n’est aucune des versions émises dans ce dossier"
_UNSIGNED = "personne ne l’a signé"
_UNCHECKED = (
    "signatures non vérifiées : il manque le module de signature (pip install cqp-forms[signature])"
)
#: The name of a copy that was kept.
_KEPT = re.compile(r"(?P<stem>.+_v\d+)_signe(?:-(?P<rank>\d+))?\.\w+")
#: So many differences are told of one document.
_MANY = 8


class ReturnState(StrEnum):
    """What became of a file that came back."""

    ENTERED = "entré"
    KNOWN = "déjà rendu"
    DECLARED = "déclaré, non prouvé"
    CONFLICT = "entré, en conflit"
    UNSIGNED = "non signé"
    ALTERED = "altéré"
    UNKNOWN = "inconnu"
    UNREADABLE = "illisible"

    @property
    def is_good(self) -> bool:
        """Whether there is nothing to do about it."""
        return self in (ReturnState.ENTERED, ReturnState.KNOWN, ReturnState.DECLARED)


@dataclass(frozen=True)
class Returned:
    """What became of one file.

    Attributes:
        version: ``None`` when it is not known which one it is.
        found_by: how that is known, in French.
        copy: the row, for what is entered.
        missing: the areas that are still to be signed.
        replaced_by: the number of the version that stands, when it is another one; else 0.
        notes: what else there is to say, in French: what differs, what was not looked at.
    """

    path: Path
    state: ReturnState
    version: Version | None = None
    found_by: str = ""
    copy: SignedCopy | None = None
    signatures: tuple[Signature, ...] = ()
    missing: tuple[str, ...] = ()
    replaced_by: int = 0
    notes: tuple[str, ...] = ()

    def as_json(self, directory: Path) -> dict[str, object]:
        """As ``return --json`` prints it."""
        return {
            "source": str(self.path),
            "state": self.state.value,
            "candidate": self.version.candidate if self.version else "",
            "version": self.version.number if self.version else 0,
            "found_by": self.found_by,
            "path": str(directory / self.copy.path) if self.copy else "",
            "signatures": [one.as_json() for one in self.signatures],
            "missing": list(self.missing),
            "replaced_by": self.replaced_by,
            "notes": list(self.notes),
        }


def said_of(one: Signature) -> str:
    """« Jean Dupont, le 03/11/2026, certificat 1a2b3c4d (non reconnu), intacte »."""
    if one.kind is not Kind.CERTIFICATE:
        return one.kind.value
    day = (
        f"le {one.signed_at[8:10]}/{one.signed_at[5:7]}/{one.signed_at[:4]}"
        if (one.signed_at[4:5] == "-")
        else ""
    )
    trust = f" ({one.trust})" if one.trust else " (confiance non vérifiée)"
    certificate = f"certificat {one.certificate[:16]}{trust}" if one.certificate else ""
    parts = (one.signer or "sans nom", day, certificate, one.verdict.value)
    return ", ".join(part for part in parts if part)


def find_files(sources: Iterable[Path]) -> Iterator[Path]:
    """The PDFs of some folders, and the files that are named; each once, hidden ones left out."""
    seen: set[Path] = set()
    for source in sources:
        inside = sorted(source.rglob("*")) if source.is_dir() else [source]
        for path in inside:
            hidden = any(part.startswith((".", "~$")) for part in path.relative_to(source).parts)
            wanted = path == source or (path.suffix.casefold() == ".pdf" and not hidden)
            if wanted and not path.is_dir() and path.absolute() not in seen:
                seen.add(path.absolute())
                yield path


def kept_copies(directory: Path) -> list[Path]:
    """The signed copies that lie beside the issued files of a folder, in the order they came."""
    found = [
        (path.parent.name, name["stem"], int(name["rank"] or 1), path)
        for path in directory.glob("*/*_signe*")
        if (name := _KEPT.fullmatch(path.name)) and path.is_file() and not path.is_symlink()
    ]
    return [path for *_, path in sorted(found)]


@dataclass
class Returns:
    """Takes signed copies back, one after another.

    Attributes:
        run: opens documents, guides and blanks.
        guide: gives a guide by its id.
        archivist: enters copies; its register is open for writing.
        roots: certificates that are trusted; empty to ask for no trust.
    """

    run: Run
    guide: Callable[[str], Guide]
    archivist: Archivist
    roots: Sequence[bytes] = ()
    _files: list[tuple[IssuedFile, Version]] = field(default_factory=list)

    def take(self, path: Path) -> Returned:
        """Take one file back; what is wrong with it is told, not raised.

        Raises:
            OutputError: the disk or the register refuses.
            UsageError: one of the roots is no certificate.
        """
        try:
            content = _pdf(path)
            identified = self._identified(path, content)
            if identified is None:
                return Returned(path, ReturnState.UNKNOWN, notes=(_UNKNOWN,))
            return self._proved(path, content, *identified)
        except (OutputError, UsageError):
            raise
        except CqpError as error:
            remedy = _DECLARE if isinstance(error, ScannedError) else error.remedy
            notes = (error.message, remedy) if remedy else (error.message,)
        except Exception as accident:  # one file's is not the others'
            notes = (f"illisible ({type(accident).__name__}).",)
        return Returned(path, ReturnState.UNREADABLE, notes=notes)

    def declare(self, path: Path, name: str, number: int) -> Returned:
        """Enter a scan as a signed copy of a version, on the word of who says so.

        A PDF that is known to be a copy of a version is proved all the same.

        Raises:
            DocumentError: the file cannot be read.
            OutputError: the disk or the register refuses.
            UsageError: no such candidate or version, or another one than the document's.
        """
        version = self._named(name, number)
        content = _read(path)
        suffix = path.suffix.casefold()
        if suffix not in SCANS:
            raise UsageError(
                "ce n’est pas un scan.",
                where=str(path),
                remedy=f"Donnez un fichier {', '.join(sorted(SCANS))}.",
            )
        known = self._by_bytes(content) if suffix == ".pdf" else None
        if known is not None:
            if known != version:
                raise UsageError(
                    f"ce PDF est la version {known.number} de {known.candidate}.",
                    where=str(path),
                    remedy="Rendez-le sans --candidate ni --version.",
                )
            return self._proved(path, content, version, _BY_BYTES)
        receipt = self.archivist.enter(version, content, suffix)
        state = ReturnState.DECLARED if receipt.is_new else ReturnState.KNOWN
        return self._concluded(
            Returned(path, state, version, "déclaration", receipt.copy), receipt.contradicts
        )

    def _named(self, name: str, number: int) -> Version:
        wanted = folded(name)
        versions = self.archivist.register.versions()
        keys = {one.key: one for one in versions
                if wanted in (one.key, folded(one.candidate), folded(one.folder))}  # fmt: skip
        # A part of the name is enough where it is one candidate's, without marks either.
        keys = keys or {one.key: one for one in versions
                        if all(word in f"{folded(one.candidate)} {folded(one.folder)}"
                               for word in wanted.split())}  # fmt: skip
        if len(keys) != 1:
            found = "plusieurs candidats portent ce nom" if keys else "aucun candidat de ce nom"
            raise UsageError(
                f"« {name} » : {found} dans ce dossier.",
                remedy="Donnez le nom et le prénom comme dans « cqp-forms history », ou le nom du "
                "dossier du candidat.",
            )
        (key,) = keys
        for one in versions:
            if one.key == key and one.number == number:
                return one
        raise UsageError(
            f"« {name} » n’a pas de version {number} dans ce dossier.",
            remedy="Voyez les versions émises : cqp-forms history.",
        )

    def _identified(self, path: Path, content: bytes) -> tuple[Version, str] | None:
        """Which version a file is a copy of, and how that is known."""
        version = self._by_bytes(content)
        if version is not None:
            return version, _BY_BYTES
        adapter = format_of(recognise(content, path))
        trail = adapter.trail(content)
        register = self.archivist.register
        if trail is not None and trail.code:
            version = register.of_code(trail.code)
            if version is not None:
                return version, "son code"
        (source,) = self.run.open(path)
        document = source.document
        if document is None:
            return None
        carried = document.carried
        if carried is not None:
            version = register.find(carried.version)
            if version is not None and version.answers == carried.version.answers:
                return version, "les réponses qui y sont jointes"
        version = self._by_text(source.guide, source.answers, document.shown)
        return (version, "son texte") if version else None

    def _by_text(self, guide: Guide, answers: Answers, shown: Shown) -> Version | None:
        """The version of the candidate named that says the same, or else their latest."""
        who = person(guide, answers).identity
        named = [one for one in self.archivist.register.versions(guide.id) if one.identity == who]
        for one in reversed(named):
            plan = make_plan(guide, answers_from_canonical(guide, one.canonical()))
            if not differences(plan, shown):
                return one
        return named[-1] if len({one.key for one in named}) == 1 else None

    def _by_bytes(self, content: bytes) -> Version | None:
        """The version that a file begins with, to the byte."""
        if not self._files:
            register = self.archivist.register
            self._files = [
                (file, one) for one in register.each() for file in one.files
                if file.role not in (Role.CHANGES, Role.DOCX)
            ]  # fmt: skip
        digests: dict[int, str] = {}
        for file, version in self._files:
            if file.size not in digests:
                beginning = content[: file.size]
                whole = len(beginning) == file.size
                digests[file.size] = hashlib.sha256(beginning).hexdigest() if whole else ""
            if digests[file.size] == file.sha256:
                return version
        return None

    def _proved(self, path: Path, content: bytes, version: Version, found_by: str) -> Returned:
        """Prove a copy of a version, and enter it."""
        guide = self.guide(version.guide)
        previous = self._before(version)
        self.run.entries[path] = (version, previous)
        (source,) = self.run.open(path)
        document = source.document
        assert document is not None
        found = verify(source, document, answers_from_canonical(guide, version.canonical()))
        if not document.proof.pages:
            return Returned(path, ReturnState.UNREADABLE, version, found_by, notes=found.unseen)
        signed = self._signatures(guide, document)
        wrong = tuple(_differences(found.differences, found.alterations))
        wrong += tuple(
            _broken(guide, one) for one in signed if one.verdict is SignatureVerdict.BROKEN
        )
        if wrong or not signed:
            state = ReturnState.ALTERED if wrong else ReturnState.UNSIGNED
            missing = () if wrong else areas_of(guide)
            notes = _shortened(wrong) or (_UNSIGNED,)
            return Returned(path, state, version, found_by, None, signed, missing, 0, notes)
        notes = found.unseen
        if not is_checked() and any(one.kind is Kind.CERTIFICATE for one in signed):
            notes += (_UNCHECKED,)
        plain = [one.as_json() for one in signed]
        receipt = self.archivist.enter(version, content, ".pdf", plain)
        state = ReturnState.ENTERED if receipt.is_new else ReturnState.KNOWN
        done = Returned(path, state, version, found_by, receipt.copy, signed, (), 0, notes)
        return self._concluded(done, receipt.contradicts)

    def _signatures(self, guide: Guide, document: Document) -> tuple[Signature, ...]:
        """Those by certificate, then those that are drawn or pasted in an area without."""
        areas = areas_of(guide)
        known = pdf_places(document.blank.mapping)
        places = {key: known[key] for key in areas if key in known}
        signed = signatures(document.content, places, self.roots)
        held = {one.area for one in signed}
        drawn = (one for one in document.proof.signed if one not in held)
        return (*signed, *(Signature(Kind.DRAWN, one) for one in drawn))

    def _before(self, version: Version) -> Version | None:
        """The version that this one replaces."""
        if version.number == 1:
            return None
        return self.archivist.register.find(replace(version, number=version.number - 1))

    def _concluded(self, done: Returned, contradicts: Sequence[SignedCopy] = ()) -> Returned:
        """With what misses, what replaces it, and what contradicts it."""
        version, register = done.version, self.archivist.register
        assert version is not None
        latest = register.latest(version.guide, version.key)
        signing = Signing(register.signed(version), areas_of(self.guide(version.guide)))
        others = tuple(f"contredit {one.path} : ni l’un ni l’autre ne prolonge l’autre"
                       for one in contradicts)  # fmt: skip
        return replace(
            done,
            state=ReturnState.CONFLICT if others else done.state,
            missing=signing.missing,
            replaced_by=latest.number if latest and latest.number != version.number else 0,
            notes=(*done.notes, *others),
        )


def _differences(found: Iterable[Difference], alterations: Iterable[Alteration]) -> Iterator[str]:
    for one in found:
        yield f"{one.placement} : émis « {one.expected} », montre « {one.shown} »"
    for other in alterations:
        told = " → ".join(f"« {part} »" for part in (other.before, other.after) if part)
        yield f"{other.where} : {other.what}{f' ({told})' if told else ''}"


def _broken(guide: Guide, one: Signature) -> str:
    who, area = one.signer or "inconnu", area_title(guide, one.area)
    return f"signature de {who} ({area}) rompue : {one.problem}"


def _shortened(notes: tuple[str, ...]) -> tuple[str, ...]:
    if len(notes) <= _MANY:
        return notes
    return (*notes[:_MANY], f"et {len(notes) - _MANY} autres différences")


def _read(path: Path) -> bytes:
    """A file's bytes.

    Raises:
        DocumentError: it cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
    except OSError as problem:
        raise DocumentError(
            f"ce fichier ne peut pas être lu ({refusal(problem)}).", where=str(path)
        ) from problem
    if len(content) > FILE_BYTES:
        raise DocumentError(f"ce fichier dépasse {FILE_BYTES >> 20} Mo.", where=str(path))
    return content


def _pdf(path: Path) -> bytes:
    content = _read(path)
    if b"%PDF-" not in content[:_HEAD]:
        raise DocumentError(
            "ce n’est pas un PDF.",
            where=str(path),
            remedy="Un scan se déclare : --candidate NOM --version N.",
        )
    return content

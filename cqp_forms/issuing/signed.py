"""Signed copies that came back: kept beside the issued files, each a row under its version.

A copy is written under a temporary name; alone on the register, what is about to be named is noted
in it, and then the copy is given its name and entered. Killed between the two, the next command
that writes finds the note and enters it. Nothing is ever written over anything.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cqp_forms.errors import OutputError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.issuing import storage
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.recovery import settle
from cqp_forms.issuing.register import Register
from cqp_forms.issuing.schema import PendingCopy
from cqp_forms.issuing.staging import StagingSession
from cqp_forms.issuing.version import SignedCopy, Version

#: More signed copies of one version than this are somebody's mistake.
_MOST_COPIES = 99


@dataclass(frozen=True, slots=True)
class Signing:
    """How far a version is signed.

    Attributes:
        copies: all its signed copies, in the order of their return.
        areas: the signature areas of its guide.
    """

    copies: tuple[SignedCopy, ...]
    areas: tuple[str, ...]

    @property
    def ends(self) -> tuple[SignedCopy, ...]:
        """The copies that no later one extends: one at most, or they contradict each other."""
        extended = {one.extends for one in self.copies}
        return tuple(one for one in self.copies if one.sha256 not in extended)

    @property
    def standing(self) -> SignedCopy | None:
        """The signed copy that counts; ``None`` without one, or with two that contradict."""
        return self.ends[0] if len(self.ends) == 1 else None

    @property
    def missing(self) -> tuple[str, ...]:
        """The areas that nobody has signed yet."""
        copy = self.standing
        if copy is not None and copy.is_declared:
            return ()
        signed = copy.areas if copy else frozenset()
        return tuple(one for one in self.areas if one not in signed)

    @property
    def is_complete(self) -> bool:
        """Whether everybody has signed one and the same copy."""
        return self.standing is not None and not self.missing

    @property
    def said(self) -> str:
        """« émis », « signé 2/3 », « signé », « signé, en conflit »."""
        if not self.copies:
            return "émis"
        if self.standing is None:
            return "signé, en conflit"
        total, left = len(self.areas), len(self.missing)
        return f"signé {total - left}/{total}" if left else "signé"


@dataclass(frozen=True)
class Receipt:
    """What became of a copy.

    Attributes:
        copy: its row.
        is_new: whether it was entered just now; else it was there already, or is an earlier state
            of one that is.
        contradicts: copies of the same version that it neither extends nor is extended by.
    """

    copy: SignedCopy
    is_new: bool
    contradicts: tuple[SignedCopy, ...] = ()


@dataclass(frozen=True)
class Archivist:
    """Enters signed copies.

    Attributes:
        directory: the output folder.
        now: aware.
        program: the program's version; issuer: the operating system's user.
        checkpoint: called with the name of each step just before it; crash tests stop there.
    """

    directory: Path
    register: Register
    now: datetime
    program: str
    issuer: str = ""
    checkpoint: Callable[[str], None] = lambda _step: None

    def enter(
        self,
        version: Version,
        content: bytes,
        suffix: str,
        signatures: Sequence[dict[str, str]] = (),
    ) -> Receipt:
        """Keep a copy and enter it.

        Args:
            version: which one it is a copy of.
            suffix: of its name: « .pdf »; a scan may be a picture.
            signatures: what was found in it; none for a scan that is declared.

        Raises:
            OutputError: the disk or the register refuses; nothing is entered.
        """
        session = StagingSession(self.directory)
        try:
            temporary = session.folder / "signe"
            with storage.output_errors(self.directory):
                self.checkpoint("write")
                storage.write_new(temporary, content)
                self.checkpoint("flush")
                storage.flush(temporary)
                self.checkpoint("lock")
                with self.register.held():
                    return self._kept(version, content, suffix, signatures, temporary)
        finally:
            self.checkpoint("tidy")
            session.close()

    def _kept(
        self,
        version: Version,
        content: bytes,
        suffix: str,
        signatures: Sequence[dict[str, str]],
        temporary: Path,
    ) -> Receipt:
        register = self.register
        with register.writing():
            settle(self.directory, register)
            known = register.signed(version)
            digest = hashlib.sha256(content).hexdigest()
            for one in known:
                if one.sha256 == digest or self._is_beginning(content, one):
                    return Receipt(one, is_new=False)
            copy = self._row(version, content, suffix, signatures, known)
            pending = PendingCopy(temporary.parent.name, version, copy)
            self.checkpoint("record")
            register.begin(pending)
        placed = False
        try:
            with register.writing():
                placed = self._place(copy, temporary)
                self.checkpoint("register")
                register.enter_signed(version, copy)
                register.forget_pending(pending.folder)
                self.checkpoint("commit")
        except BaseException:
            self._undo(pending, placed)
            raise
        ends = Signing((*known, copy), ()).ends
        return Receipt(copy, True, tuple(one for one in ends if one != copy))

    def _row(
        self,
        version: Version,
        content: bytes,
        suffix: str,
        signatures: Sequence[dict[str, str]],
        known: Sequence[SignedCopy],
    ) -> SignedCopy:
        before, digest = extended(content, known), hashlib.sha256(content).hexdigest()
        return SignedCopy(
            path=self._free_path(version, digest, len(content), suffix),
            size=len(content),
            sha256=digest,
            is_declared=not signatures,
            extends=before.sha256 if before else "",
            signatures=tuple(signatures),
            entered_at=self.now.isoformat(),
            program=self.program,
            issuer=self.issuer,
        )

    def _is_beginning(self, content: bytes, kept: SignedCopy) -> bool:
        """Whether a kept copy goes on where this one ends."""
        if kept.size <= len(content) or kept.is_declared:
            return False
        try:
            with (self.directory / kept.path).open("rb") as file:
                return file.read(len(content)) == content
        except OSError:
            return False

    def _free_path(self, version: Version, digest: str, size: int, suffix: str) -> str:
        """The first name that is free, or that this very file has already, without a row."""
        for number in range(1, _MOST_COPIES + 1):
            path = signed_path(version, number, suffix)
            final = self.directory / path
            if self.register.signed_at(path):
                continue
            if not os.path.lexists(final) or storage.is_file_with(final, digest, size):
                return path
        raise OutputError(
            f"la version {version.number} a déjà {_MOST_COPIES} exemplaires signés",
            where=str(self.directory / version.folder),
            remedy="Gardez celui-ci ailleurs, ou émettez une version corrigée.",
        )

    def _place(self, copy: SignedCopy, temporary: Path) -> bool:
        """Give the copy its name; ``False`` where it has it already."""
        final = self.directory / copy.path
        storage.make_folder(final.parent)
        self.checkpoint("name")
        try:
            storage.put_in_place(temporary, final)
        except FileExistsError:
            if not storage.is_file_with(final, copy.sha256, copy.size):
                raise
            return False
        storage.sync_folder(final.parent)
        return True

    def _undo(self, pending: PendingCopy, placed: bool) -> None:
        """Take the name back, unless the commit went through; the next run does what is left."""
        with suppress(OutputError, OSError):
            if self.register.signed_at(pending.copy.path) is None:
                with self.register.writing():
                    final, copy = self.directory / pending.copy.path, pending.copy
                    if placed and storage.is_file_with(final, copy.sha256, copy.size):
                        final.unlink()
                    self.register.forget_pending(pending.folder)


def areas_of(guide: Guide) -> tuple[str, ...]:
    """The signature areas of a guide."""
    return tuple(one.id for one in guide.placements_of(PlacementKind.SIGNATURE_AREA))


def area_title(guide: Guide, area: str) -> str:
    """Who signs in an area: « Candidat »; « hors des zones » for none of them."""
    placement = guide.placements.get(area)
    if placement is None:
        return "hors des zones"
    return guide.fields[placement.field_id].title.partition(" – ")[0]


def extended(content: bytes, known: Iterable[SignedCopy]) -> SignedCopy | None:
    """The longest of some copies that a content begins with."""
    fitting = [one for one in known if not one.is_declared and begins_with(content, one)]
    return max(fitting, key=lambda one: one.size, default=None)


def begins_with(content: bytes, kept: SignedCopy) -> bool:
    """Whether a content begins with the very bytes of a copy."""
    beginning = content[: kept.size]
    return len(beginning) == kept.size and hashlib.sha256(beginning).hexdigest() == kept.sha256


def signed_path(version: Version, number: int, suffix: str) -> str:
    """« NOM_Prenom/OUTIL4_NOM_Prenom_v1_signe.pdf »; from the second copy on, « _signe-2 »."""
    issued = next(one.path for one in version.files if one.role is not Role.CHANGES)
    stem = issued.rpartition(".")[0]
    return f"{stem}_signe{f'-{number}' if number > 1 else ''}{suffix}"

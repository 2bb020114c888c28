"""An order: what is to be issued, decided before anything is stamped; and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from cqp_forms.answers import Answers
from cqp_forms.formats import PreparedBlank
from cqp_forms.guide import Guide
from cqp_forms.issuing.changes import Change
from cqp_forms.issuing.history import FileState
from cqp_forms.issuing.naming import Role
from cqp_forms.issuing.version import IssuedFile, Version
from cqp_forms.mapping import Format


class Embedding(Enum):
    """Whether a document carries its answers, so that a lost register can be made again."""

    ANSWERS = "answers"
    NOTHING = "nothing"


class Copies(Enum):
    """Whether a new version may say exactly what the one before says (``reissue --same``)."""

    REFUSED = "refused"
    WANTED = "wanted"


class LackingFormats(Enum):
    """What to do about a format that was asked for and that the version was not issued in."""

    TOLD = "told"
    ADDED = "added"


def pass_by(_step: str) -> None:
    """The checkpoint that does nothing."""


@dataclass(frozen=True)
class Settings:
    """What is the same for every candidate of a run.

    Attributes:
        guide: the guide.
        blanks: one prepared for each format to produce.
        program: the program's version, for the register.
        issuer: the operating system's user, for the register; may be empty.
        author: who issues, for the documents' metadata; may be empty.
        draw_code: gives the random id of a new version; ``None`` for documents without a code.
        checkpoint: called with the name of each step just before it; crash tests stop there.
    """

    guide: Guide
    blanks: tuple[PreparedBlank, ...]
    program: str
    issuer: str = ""
    author: str = ""
    embedding: Embedding = Embedding.ANSWERS
    checkpoint: Callable[[str], None] = pass_by
    draw_code: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """One version to make; can be sent to another process.

    Attributes:
        version: without files; number 0 for a draft.
        previous: the version that it replaces, if any.
        changes: what differs from it.
        adds: the formats to add to a version that was issued before; empty for a new version.
        added_at: when they are added, aware.
    """

    answers: Answers
    version: Version
    previous: Version | None = None
    changes: tuple[Change, ...] = ()
    adds: tuple[Format, ...] = ()
    added_at: datetime | None = None

    @property
    def is_draft(self) -> bool:
        """Whether it is only a try."""
        return self.version.number == 0


@dataclass(frozen=True, slots=True)
class Issued:
    """A version that has just been issued, or a draft that has just been written.

    Attributes:
        version: with all its files.
        added: those that were added to a version issued before; empty for a new version.
        ticks: how many boxes are ticked, all of them read back.
        texts: how many areas hold text, all of them read back.
        changes: what differs from the version before.
    """

    version: Version
    ticks: int
    texts: int
    changes: tuple[Change, ...] = ()
    added: tuple[IssuedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class AlreadyIssued:
    """The same answers were issued before: nothing was written.

    Attributes:
        version: the version that stands.
        files: its files, and whether they are still as issued.
    """

    version: Version
    files: tuple[FileState, ...]

    def lacks(self, formats: tuple[Format, ...]) -> tuple[Format, ...]:
        """Which of the formats asked for the version was never issued in."""
        have = {one.role for one in self.version.files}
        return tuple(one for one in formats if Role(one.value) not in have)

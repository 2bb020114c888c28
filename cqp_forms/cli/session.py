"""What every command shares: where to look, how much to say, and the clock, read here alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cqp_forms.cli.console import echo

if TYPE_CHECKING:
    from datetime import date, datetime

    from cqp_forms.examine import Run
    from cqp_forms.guide import Guide
    from cqp_forms.project import Project
    from cqp_forms.workbook.cells import Workbook


class Verbosity(Enum):
    """How much to say."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


@dataclass(frozen=True)
class Session:
    """One run of the program: what its commands read, each guide once."""

    folder: Path
    verbosity: Verbosity = Verbosity.NORMAL
    outputs: tuple[Path, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        # Another process reads the guides for itself.
        return (Session, (self.folder, self.verbosity, self.outputs))

    def knowing(self, output: Path) -> Session:
        """The same run, which also knows the blanks kept in an output folder."""
        return replace(self, outputs=(*self.outputs, output))

    @cached_property
    def _guides(self) -> dict[str, Guide]:
        return {}

    @property
    def project(self) -> Project:
        """Where guides, blanks and mappings are."""
        from cqp_forms.project import Project

        return Project.at(self.folder).knowing(self.outputs)

    def guide(self, guide_id: str | None, fiche: Workbook | None = None) -> Guide:
        """The guide named on the command line, else the one that the fiche was made for.

        Raises:
            GuideError: there is no such guide.
            AnswersError: the fiche was made for a guide that is not at hand.
        """
        wanted = guide_id or self.guide_id_of(fiche)
        if wanted not in self._guides:
            self._guides[wanted] = self.project.guide(wanted)
        return self._guides[wanted]

    def guide_id_of(self, fiche: Workbook | Path | None) -> str:
        """The id of the guide that a fiche was made for; the default guide's where it is silent.

        Args:
            fiche: open, or the path of one that is read later.

        Raises:
            AnswersError: the fiche was made for a guide that is not at hand.
        """
        from cqp_forms.errors import AnswersError
        from cqp_forms.project import DEFAULT_GUIDE
        from cqp_forms.workbook.opening import guide_of

        match fiche:
            case None:
                path, named = None, ""
            case Path():
                path, named = fiche, guide_of(fiche)
            case book:
                path, named = book.path, book.guide_id
        if named and named not in self.project.guide_ids():
            raise AnswersError(
                f"ce classeur est fait pour le guide « {named} », qui est introuvable.",
                where=str(path),
                remedy=f"Placez-vous dans le dossier où est mappings/{named}, ou nommez-le avec "
                "--project.",
            )
        return named or DEFAULT_GUIDE

    def examine(
        self, guide_id: str, documents: tuple[Path, ...], mappings: tuple[Path, ...]
    ) -> Run:
        """What opens the fiches and documents that a command is given.

        Args:
            guide_id: the guide named by the user, empty for the one that the files name.
            documents, mappings: blanks of the user's own, each with its mapping.

        Raises:
            UsageError: documents and mappings do not go in pairs.
        """
        from cqp_forms.errors import UsageError
        from cqp_forms.examine import Blanks, Run

        if len(documents) != len(mappings):
            raise UsageError(
                f"{len(documents)} --document pour {len(mappings)} --mapping.",
                remedy="Donnez un --mapping après chaque --document.",
            )
        project = self.project.knowing((self.folder / "output",))
        return Run(project, Blanks(guide_id, tuple(zip(documents, mappings, strict=True))))

    @property
    def now(self) -> datetime:
        """The present, with the machine's time zone."""
        from datetime import datetime

        return datetime.now().astimezone().replace(microsecond=0)

    @property
    def today(self) -> date:
        """Today, on this machine."""
        return self.now.date()

    @property
    def user(self) -> str:
        """The operating system's user, empty when it has none."""
        import getpass

        try:
            return getpass.getuser()
        except (ImportError, KeyError, OSError):
            return ""

    def say(self, message: str, **style: Any) -> None:
        """A message of the normal course, on stderr; silent with ``-q``."""
        if self.verbosity is not Verbosity.QUIET:
            echo(message, err=True, **style)

    def detail(self, message: str) -> None:
        """A message for those who asked for more (``-v``)."""
        if self.verbosity is Verbosity.VERBOSE:
            echo(message, err=True, dim=True)


pass_session = click.make_pass_decorator(Session)

"""What every command shares: where to look, how much to say, and the clock, read here alone.

And the way from a command's options to the settings of an issue, for one candidate or for a
thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cqp_forms import __version__
from cqp_forms.cli.console import echo
from cqp_forms.errors import DocumentError, UsageError

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

    def rooms(self, guide: Guide) -> dict[str, int]:
        """About how many letters of each long text stay on the pages of the guide's own blanks."""
        from cqp_forms.formats import rooms_of

        return rooms_of(self.project, guide)

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
        from cqp_forms.examine import Blanks, Run

        pairs = _in_pairs(documents, mappings)
        project = self.project.knowing((self.folder / "output",))
        return Run(project, Blanks(guide_id, pairs))

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


if TYPE_CHECKING:
    from pathlib import Path

    from cqp_forms.cli.session import Session
    from cqp_forms.guide import Guide
    from cqp_forms.issuing.request import Settings
    from cqp_forms.issuing.version import Version
    from cqp_forms.mapping import Format
    from cqp_forms.project import Blank, Unsure


@dataclass(frozen=True)
class SettingsFactory:
    """What ``fill``, ``batch`` and ``reissue`` are told on the command line.

    Calling it opens the guide and compiles the blanks. It can be sent to another process, which the
    settings that it makes cannot.

    Attributes:
        formats: ``docx``, ``pdf`` or ``both``; with documents of one's own, which of them.
        documents: the user's own blanks; empty for the guide's.
        mappings: one a document, in the same order.
        same_as: makes each format on the blank of that version, where it has the format.
        is_draft: places that no one confirmed stay blank; they are refused otherwise.
    """

    session: Session
    guide_id: str
    formats: str = "both"
    editable: bool = False
    no_embed: bool = False
    no_code: bool = False
    archive: bool = False
    documents: tuple[Path, ...] = ()
    mappings: tuple[Path, ...] = ()
    same_as: Version | None = None
    is_draft: bool = False

    def __call__(self) -> Settings:
        """Make the settings.

        Raises:
            DocumentError: no such guide, or a blank that cannot be stamped.
            UsageError: documents and mappings do not go in pairs.
        """
        from cqp_forms.formats import prepare_blank
        from cqp_forms.issuing.request import Embedding, Settings
        from cqp_forms.pagecode import draw_id
        from cqp_forms.plan import Archive, Finish

        guide = self.session.guide(self.guide_id)
        finish = Finish.EDITABLE if self.editable else Finish.FLAT
        blanks = self.blanks(guide)
        kept = (self.session.project.kept(guide, blank) for blank in blanks)
        return Settings(
            guide=guide,
            blanks=tuple(prepare_blank(guide, blank, finish) for blank in blanks),
            program=__version__,
            issuer=self.session.user,
            embedding=Embedding.NOTHING if self.no_embed else Embedding.ANSWERS,
            archive=Archive.CLAIMED if self.archive else Archive.SILENT,
            draw_code=None if self.no_code else draw_id,
            kept=tuple(one for one in kept if one is not None),
        )

    def wanted(self) -> tuple[Format, ...]:
        """The formats asked for."""
        from cqp_forms.mapping import Format

        return tuple(Format) if self.formats == "both" else (Format(self.formats),)

    def blanks(self, guide: Guide) -> tuple[Blank, ...]:
        """The blanks to stamp, DOCX first."""
        from cqp_forms.project import Unsure

        unsure = Unsure.LEFT_BLANK if self.is_draft else Unsure.REFUSED
        picked = pick_blanks(
            self.session, guide, self.wanted(), self.documents, self.mappings, unsure
        )
        if self.same_as is None:
            return picked
        return tuple(self._same(guide, blank, self.same_as) for blank in picked)

    def _same(self, guide: Guide, blank: Blank, version: Version) -> Blank:
        """The blank of the same format that a version was made on."""
        named = version.blank_of(blank.format)
        found = self.session.project.blank_named(guide, blank.format, named) if named else blank
        if found is None:
            raise DocumentError(
                f"le document vierge {blank.format.upper()} de la version {version.number} n’est "
                f"plus là (empreinte SHA-256 {named[:12]}…).",
                remedy="Donnez-le avec --document et --mapping, ou laissez --same-blank : la "
                "version sera faite sur le document actuel du guide.",
            )
        return found


def _in_pairs(
    documents: tuple[Path, ...], mappings: tuple[Path, ...]
) -> tuple[tuple[Path, Path], ...]:
    if len(documents) != len(mappings):
        raise UsageError(
            f"{len(documents)} --document pour {len(mappings)} --mapping.",
            remedy="Donnez un --mapping après chaque --document.",
        )
    return tuple(zip(documents, mappings, strict=True))


def pick_blanks(
    session: Session,
    guide: Guide,
    wanted: tuple[Format, ...],
    documents: tuple[Path, ...],
    mappings: tuple[Path, ...],
    unsure: Unsure | None = None,
) -> tuple[Blank, ...]:
    """The user's own blanks where given, else the guide's; only the formats wanted.

    A guide that has one document alone is used with it: ``both`` means all that it has.

    Raises:
        UsageError: documents and mappings do not go in pairs, or none is of a format wanted.
        DocumentError: a blank and its mapping do not fit.
    """
    from cqp_forms.project import Unsure, load_blank

    unsure = unsure or Unsure.REFUSED
    if pairs := _in_pairs(documents, mappings):
        own = {
            blank.format: blank for blank in (load_blank(guide, *pair, unsure) for pair in pairs)
        }
        if len(own) < len(documents):
            raise UsageError(
                "deux documents de même format sont donnés.",
                remedy="Donnez au plus un DOCX et un PDF.",
            )
        chosen = tuple(own[kind] for kind in wanted if kind in own)
        if not chosen:
            raise UsageError(
                f"aucun des documents donnés n’est au format demandé ({wanted[0]}).",
                remedy="Changez --format, ou donnez un document de ce format.",
            )
        return chosen
    have = session.project.formats(guide)
    kinds = [kind for kind in wanted if kind in have] if len(wanted) > 1 else list(wanted)
    # A guide without any document: asking for one says what misses.
    return tuple(session.project.blank(guide, kind, unsure) for kind in kinds or wanted[:1])

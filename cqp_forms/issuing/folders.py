"""Whose folder is whose: two candidates of one name never share one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from cqp_forms.errors import CqpError
from cqp_forms.formats import PreparedBlank
from cqp_forms.issuing.naming import Person, choose_folder
from cqp_forms.issuing.version import Carried, parse_payload


class Folders:
    """Gives each candidate a folder: the register decides, then what this run has given away, then
    the drafts that lie there.

    Args:
        directory: the output folder.
        blanks: to read whose a draft is.
        registered: gives the key of the candidate who was issued into a folder, or ``None``.
    """

    def __init__(
        self,
        directory: Path,
        blanks: Iterable[PreparedBlank],
        registered: Callable[[str], str | None],
    ) -> None:
        self._directory = directory
        self._blanks = tuple(blanks)
        self._registered = registered
        self._given: dict[str, str] = {}

    def choose(self, candidate: Person) -> str:
        """The candidate's folder, kept for them until the run ends."""

        def owner(folder: str) -> str | None:
            return (
                self._registered(folder)
                or self._given.get(folder.casefold())
                or self._drafted(folder, candidate)
            )

        folder = choose_folder(candidate.stem, candidate.key, owner)
        self._given[folder.casefold()] = candidate.key
        return folder

    def _drafted(self, folder: str, candidate: Person) -> str | None:
        """The key of the candidate whose draft is there.

        A fiche that got its reference or its company after its draft is still the same person’s:
        the identity tells. A draft without embedded answers counts as nobody’s.
        """
        for blank in self._blanks:
            for path in (self._directory / folder).glob(f"*_brouillon.{blank.format}"):
                carried = _carried(blank, path)
                if carried and not _compatible(carried.version.identity, candidate.identity):
                    return carried.version.key
        return None


def _compatible(one: str, other: str) -> bool:
    """Whether two identities agree in what both of them tell; a draft may lack a part."""
    pairs = zip(one.split("|"), other.split("|"), strict=False)
    return all(a == b or not a or not b for a, b in pairs)


def _carried(blank: PreparedBlank, path: Path) -> Carried | None:
    try:
        content = blank.payload(path.read_bytes())
        return parse_payload(content) if content else None
    except (OSError, ValueError, CqpError):
        return None

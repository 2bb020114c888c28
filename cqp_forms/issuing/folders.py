"""Whose folder is whose: two candidates of one name never share one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from cqp_forms.errors import CqpError
from cqp_forms.issuing.doors import Door
from cqp_forms.issuing.naming import Person, choose_folder
from cqp_forms.issuing.version import Carried, parse_payload


class Folders:
    """Gives each candidate a folder: the register decides, then what this run has given away, then
    the drafts that lie there.

    Args:
        directory: the output folder.
        doors: to read whose a draft is.
        registered: gives the key of the candidate who was issued into a folder, or ``None``.
    """

    def __init__(
        self, directory: Path, doors: Iterable[Door], registered: Callable[[str], str | None]
    ) -> None:
        self._directory = directory
        self._doors = tuple(doors)
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
        for door in self._doors:
            for path in (self._directory / folder).glob(f"*_brouillon.{door.format}"):
                carried = _carried(door, path)
                if carried and not _compatible(carried.version.identity, candidate.identity):
                    return carried.version.key
        return None


def _compatible(one: str, other: str) -> bool:
    """Whether two identities agree in what both of them tell; a draft may lack a part."""
    pairs = zip(one.split("|"), other.split("|"), strict=False)
    return all(a == b or not a or not b for a, b in pairs)


def _carried(door: Door, path: Path) -> Carried | None:
    try:
        content = door.read_payload(path.read_bytes())
        return parse_payload(content) if content else None
    except (OSError, ValueError, CqpError):
        return None

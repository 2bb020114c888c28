"""Objects set aside on disk, so that memory does not grow with the number of candidates."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Generic, Self, TypeVar

T = TypeVar("T")


class Spool(Generic[T]):
    """A temporary file of pickled objects; gone when closed, and when the process is killed.

    The file has no name (on Windows, the system removes it), so that answers, which are personal,
    are never left behind. Only this process writes it, so that unpickling it is safe.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed on exit
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, one: T) -> int:
        """Set an object aside; gives the place to find it at."""
        place = self._end
        self._file.seek(place)
        pickle.dump(one, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()
        return place

    def at(self, place: int) -> T:
        """The object at a place that :meth:`add` gave."""
        self._file.seek(place)
        found: T = pickle.load(self._file)
        return found

    def __iter__(self) -> Iterator[T]:
        """All objects in the order in which they came."""
        place = 0
        while place < self._end:
            self._file.seek(place)
            one: T = pickle.load(self._file)
            place = self._file.tell()
            yield one

"""What reading remembers from one document to the next, by all that it was found out from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from cqp_forms.pdf.read.items import Item, Mark, Run, Shown
from cqp_forms.shown import Mark as Seen

#: An item, and the places that it touches.
Touching: TypeAlias = tuple[Mark | Run, tuple[str, ...]]

#: The same before the forms and images that a stream shows are looked up.
Unresolved: TypeAlias = tuple[Item, tuple[str, ...]]

_MEMORY = 1024


@dataclass(eq=False)
class Shows:
    """What a content stream shows."""

    items: list[Unresolved]

    def __post_init__(self) -> None:
        #: By name, where it is shown first.
        self.names: dict[str, int] = {}
        for rank, (item, _) in enumerate(self.items):
            if isinstance(item, Shown):
                self.names.setdefault(item.name, rank)


class Settled:
    """What a page shows before anything that is new: the same, item for item, in many documents.

    Attributes:
        items: in the order of painting.
        tagged: whether any text is in marked content that says what it is.
        by_place: the same by the place touched.
        notes: by place and what else is shown there: the mark seen, and what it was told from.
    """

    def __init__(self, items: list[Touching]) -> None:
        self.items = items
        self.tagged = any(isinstance(item, Run) and item.tag for item, _ in items)
        self.by_place: dict[str, list[Mark | Run]] = {}
        for item, touched in items:
            for key in touched:
                self.by_place.setdefault(key, []).append(item)
        self.notes: dict[tuple[str, tuple[Mark | Run, ...]], tuple[object, Seen]] = {}


class Memory:
    """What content streams show, by what decides it; those met once are only counted."""

    def __init__(self) -> None:
        self._kept: dict[object, Shows] = {}
        self._settled: dict[object, Settled] = {}
        self._forms: dict[bytes, int] = {}
        self._lines: dict[object, Mark] = {}
        self._met: set[int] = set()
        self._empty: set[object] = set()

    def lines(self) -> dict[object, Mark]:
        """What stroked lines paint: for the interpreter."""
        if len(self._lines) >= 4 * _MEMORY:
            self._lines.clear()
        return self._lines

    def is_settled(self, whole: bytes, document: int) -> bool:
        """Whether a form (see :meth:`Store.whole`) was met in an earlier document."""
        if not whole:
            return False
        if len(self._forms) >= 16 * _MEMORY:
            self._forms.clear()
        return self._forms.setdefault(whole, document) != document

    def settled(self, key: object) -> Settled | None:
        """What a page was found to show."""
        return self._settled.get(key)

    def settle(self, key: object, shown: Settled) -> None:
        """Keep that."""
        if len(self._settled) >= _MEMORY:
            self._settled.clear()
        self._settled[key] = shown

    def get(self, key: object) -> Shows | None:
        """What was kept under a key."""
        return self._kept.get(key)

    def put(self, key: object, shown: Shows) -> None:
        """Keep it if it comes back: a candidate's own streams never do, and would only pile up."""
        mark = hash(key)
        if mark in self._met:
            if len(self._kept) >= _MEMORY:
                self._kept.clear()
            self._kept[key] = shown
            return
        if len(self._met) >= 4 * _MEMORY:
            self._met.clear()
        self._met.add(mark)

    def shows_nothing(self, key: object) -> bool:
        """Whether a form shown somewhere is known to matter to no place."""
        return key in self._empty

    def put_empty(self, key: object) -> None:
        """Remember that."""
        if len(self._empty) >= 16 * _MEMORY:
            self._empty.clear()
        self._empty.add(key)

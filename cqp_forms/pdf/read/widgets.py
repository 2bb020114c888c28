"""What a form's tick boxes show, as a viewer shows them (ISO 32000-2, 12.7)."""

from __future__ import annotations

from typing import TypeGuard

import pikepdf
from pikepdf import Name, Object

from cqp_forms.pdf.widgets import Widget
from cqp_forms.shown import Mark


def tick_of(widget: Widget) -> Mark:
    """Whether a check box or radio button is on; in doubt when its parts disagree.

    What shows is the appearance that /AS names; the field's /V must say the same (12.7.5.2.3),
    and the appearance must exist.
    """
    shows, value = widget.annotation.get("/AS"), widget.value
    looks = widget.states
    if not _is_on(shows):
        # Meant for another of the field's buttons, unless this one has such a state.
        mine = _is_on(value) and (looks is None or value in looks)
        return Mark.DOUBTFUL if mine else Mark.OFF
    same = _is_on(value) and value.unparse() == shows.unparse()
    if looks is None or not widget.shows or not same:
        return Mark.DOUBTFUL
    shown, plain = _bytes(looks.get(shows)), _bytes(looks.get("/Off"))
    return Mark.ON if shown and shown != plain else Mark.DOUBTFUL


def _bytes(look: Object | None) -> bytes:
    return look.read_raw_bytes() if isinstance(look, pikepdf.Stream) else b""


def _is_on(state: Object | None) -> TypeGuard[Name]:
    """Whether a state is there and is not Off; told from its bytes, which may be no text."""
    return isinstance(state, Name) and state.unparse() != b"/Off"

"""What both blanks keep to: room for two lines, and for who signs."""

from __future__ import annotations

from cqp_forms.guide import Field

#: Names of companies and of functions are long: by the last part of the field's id.
_TWO_LINES = frozenset({"entreprise", "fonction"})


def has_two_lines(field: Field) -> bool:
    """Whether a field's line takes two lines of text before anything goes to the annex."""
    return field.id.rpartition(".")[2] in _TWO_LINES


def is_stamped(signature: Field) -> bool:
    """Whether a stamp goes beside the signature: that takes 35 mm, a signature alone 22 mm."""
    return "cachet" in signature.label.casefold()

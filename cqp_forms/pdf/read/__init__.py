"""What a document shows, from the document alone."""

from cqp_forms.pdf.opening import read_payload, read_trail
from cqp_forms.pdf.read.reader import in_place, read

__all__ = ["in_place", "read", "read_payload", "read_trail"]

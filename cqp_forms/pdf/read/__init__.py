"""What a document shows, from the document alone."""

from cqp_forms.pdf.read.embedded import read_payload, read_trail
from cqp_forms.pdf.read.reader import read

__all__ = ["read", "read_payload", "read_trail"]

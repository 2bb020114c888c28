"""What a document shows, from the document alone."""

from cqp_forms.pdf.read.reader import read, read_payload, read_trail

__all__ = ["read", "read_payload", "read_trail"]

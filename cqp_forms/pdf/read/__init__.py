"""What a document shows, from the document alone."""

from cqp_forms.pdf.read.reader import read, read_payload

__all__ = ["read", "read_payload"]

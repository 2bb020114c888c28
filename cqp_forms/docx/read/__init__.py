"""What a document shows, from the document alone."""

from cqp_forms.docx.read.reader import read, read_payload, read_trail

__all__ = ["read", "read_payload", "read_trail"]

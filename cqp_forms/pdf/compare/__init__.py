"""What differs between a document and its blank, the answers aside."""

from cqp_forms.pdf.compare.document import alterations

__all__ = ["alterations"]

"""Every box and area of a document that the program has never seen."""

from cqp_forms.pdf.detect.document import detect

__all__ = ["detect"]

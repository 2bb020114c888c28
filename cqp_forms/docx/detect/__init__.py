"""Every box and area of a document that the program has never seen."""

from cqp_forms.docx.detect.blocks import detect

__all__ = ["detect"]

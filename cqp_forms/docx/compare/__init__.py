"""What differs between a document and its blank, the answers aside."""

from cqp_forms.docx.compare.document import alterations, box_order, likeness

__all__ = ["alterations", "box_order", "likeness"]

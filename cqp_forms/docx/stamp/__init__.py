"""A blank, compiled once, that stamps one candidate after another."""

from cqp_forms.docx.stamp.stamper import DocxStamper

__all__ = ["DocxStamper"]

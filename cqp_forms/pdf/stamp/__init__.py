"""A blank, prepared once, that stamps one candidate after another."""

from cqp_forms.pdf.stamp.stamper import PdfStamper

__all__ = ["PdfStamper"]

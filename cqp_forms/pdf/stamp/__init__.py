"""A blank, compiled once, that stamps one candidate after another."""

from cqp_forms.pdf.stamp.stamper import Finish, Stamper

__all__ = ["Finish", "Stamper"]

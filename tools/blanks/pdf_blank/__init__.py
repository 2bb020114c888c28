"""The blank of a guide, made from its text."""

from pdf_blank.blank import Built, build

__all__ = ["Built", "build"]

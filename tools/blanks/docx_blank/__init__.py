"""The blank of a guide, made from its text."""

from docx_blank.blank import Built, build

__all__ = ["Built", "build"]

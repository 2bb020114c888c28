"""The blank of a guide, made from its text."""

from cqp_forms.docx.build.blank import Built, build

__all__ = ["Built", "build"]

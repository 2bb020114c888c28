"""Fill the official CQP evaluation guides, in DOCX and in PDF, from an answers workbook."""

__version__ = "1.0.0"

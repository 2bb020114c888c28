"""DOCX: build a blank, find its fields, stamp it, read it back."""

"""PDF: detect, match, stamp, read, build."""

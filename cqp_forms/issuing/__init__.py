"""The life of an issued document: named, written, registered, corrected, and checked again."""

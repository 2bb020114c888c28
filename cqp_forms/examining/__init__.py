"""What a fiche or a document says, whatever its kind: to extract, to compare, to verify."""

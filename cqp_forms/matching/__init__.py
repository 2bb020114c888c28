"""Matching: which box or area of a document is which field of a guide (pure; both formats)."""

from cqp_forms.matching.assignment import Count, Matched, counts, mapping_of, match
from cqp_forms.matching.judge import DOUBT

__all__ = ["DOUBT", "Count", "Matched", "counts", "mapping_of", "match"]

"""Many candidates: each issued on its own, failures told one by one, the whole reported."""

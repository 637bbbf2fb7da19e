"""Forms: what may come in by a form post, field by field."""

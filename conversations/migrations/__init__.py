"""Schema, in order. Released ones are never edited."""

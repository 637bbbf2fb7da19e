"""Bytes of files: what they are, made safe and small. No Django, no network."""

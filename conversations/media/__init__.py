"""Bytes of files: what they are, made safe and small. No Django, no network.

``images.py`` reads a picture and makes a new one of it; ``apart.py`` has that done in a process of its own, bounded in
time and memory. What people store has gone through there.
"""

"""Markdown to safe HTML, whole or block by block as text arrives.

A pure engine: it knows neither Django nor sockets. ``markdown`` renders a whole document, ``incremental`` one that
still grows; both give the same HTML. Every other module here is a part of these two.
"""

"""Sockets: read one frame, call one action; forward events."""

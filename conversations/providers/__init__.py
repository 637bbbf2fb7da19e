"""Engines that talk to the endpoints of language models. No Django, no database, no rendering.

``base`` holds the dataclasses at the border, ``engine`` the functions others call.
"""

"""Registrations of the model admins."""

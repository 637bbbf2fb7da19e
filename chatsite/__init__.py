"""The project: settings, root URLs and the ASGI application. What the product does lives in ``conversations``."""

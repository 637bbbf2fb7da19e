"""The application. Rows and who may import whom: CONTRIBUTING.md and the layers contract in pyproject.toml."""

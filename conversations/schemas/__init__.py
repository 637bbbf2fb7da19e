"""JSON Schemas of parameters, the catalogue of models, what is in force, structured outputs. No Django, no network."""

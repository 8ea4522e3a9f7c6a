"""Schemathesis over the description of the API, in a process of its own, with the kit's checks."""

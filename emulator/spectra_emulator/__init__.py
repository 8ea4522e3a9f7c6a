"""A local Redshift Spectra API: one command, no account, no Docker, no network."""

__version__ = "0.1.0"

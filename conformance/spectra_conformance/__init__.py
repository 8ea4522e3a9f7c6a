"""Says, promise by promise, what a deployment of the Redshift Spectra API keeps."""

__version__ = "0.1.0"

"""Run the command line as `python -m spectra_emulator`."""

from __future__ import annotations

import sys

from spectra_emulator.cli import main

if __name__ == "__main__":
    sys.exit(main())

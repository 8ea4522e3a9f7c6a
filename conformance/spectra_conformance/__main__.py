from spectra_conformance.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

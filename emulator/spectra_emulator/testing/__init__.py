"""The emulator in tests: start one, steer it, stop it. Needs nothing that the emulator does not.

with SpectraEmulator() as emulator:
client = Client(emulator.url, emulator.api_key)
emulator.faults.add({"error": "RATE_LIMITED"}, times=2)
emulator.clock.advance("24h")
"""

from spectra_emulator.control_client import ServerError
from spectra_emulator.testing.controls import Clock, Faults, Jobs, Snapshots
from spectra_emulator.testing.emulator import SpectraEmulator, StartError, TestTenant

__all__ = ["Clock", "Faults", "Jobs", "ServerError", "Snapshots", "SpectraEmulator", "StartError", "TestTenant"]

"""Names the rules of the contract that a test decides."""

from __future__ import annotations

import pytest


def requirement(*ids: str) -> pytest.MarkDecorator:
    """Mark a test with the rule ids it decides; each must stand in `conformance/requirements.yaml`."""
    return pytest.mark.requirement(*ids)

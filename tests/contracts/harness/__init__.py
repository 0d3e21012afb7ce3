"""What the contract tests share: the bare EVM, deployed contracts, the exact model."""

from __future__ import annotations

import re

import pytest

from harness.evm import Reverted


def refused(reason: str) -> pytest.RaisesExc[Reverted]:
    """The block must end in a revert with exactly this reason."""
    return pytest.raises(Reverted, match=f"^{re.escape(reason)}$")

"""The gas of every action on a real node is what the table says, to the unit."""

from __future__ import annotations

import pytest
from harness.anvil_evm import OPTIONS, AnvilEvm
from harness.world import World
from integration.anvil import running_anvil
from test_gas import REACH, measure, recorded


@pytest.mark.anvil
def test_a_real_node_takes_exactly_the_gas_of_the_table() -> None:
    with running_anvil(*OPTIONS) as node:
        figures = measure(World(AnvilEvm(node.url)))
    assert figures == recorded()
    assert {name: figures[name] for name, reach in REACH.items() if figures[name] > reach} == {}

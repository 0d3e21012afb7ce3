"""The gas of every action on a real node is what the table says, to the unit where no time is in its data."""

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
    # An order's data has the time, and a proof depends on it: some of their bytes are zero, and cheaper.
    timed = {name for name in figures if name.startswith(("order ", "deliver ", "complain "))}
    assert len(timed) == 6
    assert {name: gas for name, gas in figures.items() if name not in timed} == {
        name: gas for name, gas in recorded().items() if name not in timed
    }
    assert {name: figures[name] for name in timed if abs(figures[name] - recorded()[name]) > 120} == {}
    assert {name: figures[name] for name, reach in REACH.items() if figures[name] > reach} == {}

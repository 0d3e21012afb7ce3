"""How the state machines run: 200 runs of 50 steps, more with COLOPHON_EXAMPLES and COLOPHON_STEPS."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from harness.world import World


def run(machine: type[RuleBasedStateMachine], world: World) -> None:
    """Let Hypothesis look for steps that break an invariant of `machine`. The machine finds the world in its
    `world` and, for its teardown, the untouched state in `mark`."""
    chosen = settings(
        max_examples=int(os.environ.get("COLOPHON_EXAMPLES", "200")),
        stateful_step_count=int(os.environ.get("COLOPHON_STEPS", "50")),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate] if os.environ.get("COLOPHON_NO_SHRINKING") else tuple(Phase),
    )

    class InThisWorld(machine):  # type: ignore[misc, valid-type]
        pass

    InThisWorld.world, InThisWorld.mark = world, world.evm.snapshot()
    InThisWorld.__name__ = machine.__name__
    run_state_machine_as_test(InThisWorld, settings=chosen)

"""`colophon` for an owner who takes part in a federated run and bends its weights in every round."""

from __future__ import annotations

import sys
from dataclasses import replace

from desktop_app.cli import app
from desktop_app.services.federated_owner import FederatedOwner
from desktop_app.training.certificate import Proved

honest = FederatedOwner._once


def bent(self: FederatedOwner, number: int, start: tuple[int, ...]) -> Proved:
    made = honest(self, number, start)
    final = tuple(weight + 1000 for weight in made.statement.final)  # type: ignore[attr-defined]
    return replace(made, statement=replace(made.statement, final=final))  # type: ignore[type-var]


if __name__ == "__main__":
    FederatedOwner._once = bent  # type: ignore[method-assign]
    sys.exit(app.run(sys.argv[1:]))

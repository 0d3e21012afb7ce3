"""The federated run on Flower (flwr 1.42): our strategy in its ServerApp, a relay in place of its ClientApp.

Flower carries messages. The strategy checks each proof before it counts; an owner's rows never come into a
process of Flower's, since the owner's own process, without Flower, trains, proves and signs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import Strategy

from desktop_app.services.federated_coordinator import Coordinator, Event
from desktop_app.training.federated import Plan

RECORD, TASK, ANSWER = "colophon", "task", "answer"
ADDRESS_VARIABLE, SECRET_VARIABLE = "COLOPHON_OWNER_ADDRESS", "COLOPHON_OWNER_SECRET"
JOB_VARIABLE = "COLOPHON_COORDINATOR_JOB"
MAX_ATTEMPTS = 1000


class ProvedUpdates(Strategy):
    """Counts only results whose proofs hold, and closes a round when enough of them are there.

    `patience` (seconds): how long a round waits for all owners of the plan.
    """

    def __init__(self, coordinator: Coordinator, patience: float) -> None:
        self._coordinator = coordinator
        self._patience = patience

    def summary(self) -> None:
        """Nothing to say: the coordinator tells what happens."""

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """The request of the open round to every node that is there."""
        del arrays, config
        if self._coordinator.finished:
            return []
        return [
            Message(
                content=RecordDict({RECORD: ConfigRecord({TASK: self._coordinator.task(node)})}),
                dst_node_id=node,
                message_type="train",
                group_id=str(server_round),
            )
            for node in self._nodes(grid)
        ]

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Check every proof; the weights stay with the coordinator, in whole numbers."""
        del server_round
        for reply in replies:
            if reply.has_error() or RECORD not in reply.content:
                continue
            data = reply.content[RECORD].get(ANSWER)
            if isinstance(data, bytes):
                self._coordinator.receive(reply.metadata.src_node_id, data)
        self._coordinator.close()
        return None, None

    def configure_evaluate(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """No evaluation: how good the weights are is a proof of its own."""
        return []

    def aggregate_evaluate(self, server_round: int, replies: Iterable[Message]) -> MetricRecord | None:
        return None

    def run(self, grid: Grid) -> None:
        """Ask round after round until the plan is done."""
        attempts = 0
        while not self._coordinator.finished and attempts < MAX_ATTEMPTS:
            attempts += 1
            messages = self.configure_train(attempts, ArrayRecord(), ConfigRecord(), grid)
            replies = grid.send_and_receive(messages, timeout=self._patience)
            self.aggregate_train(attempts, replies)

    def _nodes(self, grid: Grid) -> list[int]:
        """The nodes there are: one for each owner, or after `patience` at least as many as are needed."""
        plan = self._coordinator.plan
        until = time.monotonic() + self._patience
        while True:
            nodes = sorted(grid.get_node_ids())
            enough = len(nodes) >= plan.quorum and time.monotonic() >= until
            if len(nodes) >= len(plan.owners) or enough:
                return nodes
            time.sleep(0.5)


def server_app() -> ServerApp:
    """The ServerApp of a run: reads its job from the file that the coordinator's process names."""
    app = ServerApp()

    @app.main()
    def main(grid: Grid, context: Context) -> None:
        del context
        job = json.loads(Path(os.environ[JOB_VARIABLE]).read_text("utf-8"))
        journal = Path(job["journal"])

        def told(event: Event) -> None:
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps(vars(event)) + "\n")

        plan = Plan.read(Path(job["plan"]).read_bytes())
        coordinator = Coordinator(plan, Path(job["certificate"]), told)
        ProvedUpdates(coordinator, float(job["patience"])).run(grid)

    return app


def relay_app() -> ClientApp:
    """The ClientApp: hands requests to the owner's own process, and its signed answers back."""
    app = ClientApp()

    @app.train()
    def train(message: Message, context: Context) -> Message:
        del context
        secret = bytes.fromhex(os.environ[SECRET_VARIABLE])
        with Client(os.environ[ADDRESS_VARIABLE], authkey=secret) as connection:
            connection.send_bytes(message.content[RECORD][TASK])
            answer = connection.recv_bytes()
        content = RecordDict({RECORD: ConfigRecord({ANSWER: answer})})
        return Message(content=content, reply_to=message)

    return app


def run_relay() -> None:
    """What runs in the place of `flwr-clientapp`: our relay, and nothing that the coordinator sends along.

    Flower hands an app bundle from the coordinator to every owner's computer, and would run it there.
    """
    from flwr.supernode.cli.flwr_clientapp import flwr_clientapp
    from flwr.supernode.runtime import run_clientapp as theirs

    module: Any = theirs
    module.install_from_fab = lambda *_args, **_given: None
    module.get_project_dir = lambda *_args, **_given: Path()
    module.get_load_client_app_fn = lambda **_given: lambda *_args: relay_app()
    flwr_clientapp()


if __name__ == "__main__":
    sys.exit(run_relay())

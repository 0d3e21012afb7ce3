"""The federated run on Flower (flwr 1.42): our strategy in its ServerApp, a relay in place of its ClientApp.

Flower carries messages. The strategy checks each proof before it counts; an owner's rows never come into a
process of Flower's, since the owner's own process, without Flower, trains, proves and signs.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable
from multiprocessing.connection import Client
from pathlib import Path
from typing import Any

from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import Strategy

from desktop_app.core.errors import ColophonError
from desktop_app.services.federated_coordinator import Coordinator, Event
from desktop_app.training.federated import Plan

RECORD, TASK, ANSWER = "colophon", "task", "answer"
ADDRESS_VARIABLE, SECRET_VARIABLE = "COLOPHON_OWNER_ADDRESS", "COLOPHON_OWNER_SECRET"
JOB_VARIABLE = "COLOPHON_COORDINATOR_JOB"
PAUSE = 0.3
"""Seconds between two looks for answers."""
FAREWELL = 10.0
"""Seconds that owners have to hear that the run is over."""
LEAVING = 5.0
"""Seconds that Flower has to end by itself."""


class ProvedUpdates(Strategy):  # type: ignore[misc]  # types are checked where Flower is not installed
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
        return [self._message(server_round, node) for node in sorted(grid.get_node_ids())]

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Check every proof; the weights stay with the coordinator, in whole numbers."""
        del server_round
        self._receive(replies)
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
        """Ask round after round until the plan is done.

        As `start`, but a round ends as soon as all owners have answered, and asks those who come in between.
        """
        attempt = 0
        while not self._coordinator.finished:
            attempt += 1
            self._ask(grid, attempt, self._patience)
            self._coordinator.close()
        self._ask(grid, attempt + 1, FAREWELL)

    def _ask(self, grid: Grid, attempt: int, patience: float) -> None:
        """Ask every node there is, until all owners have answered or so many seconds are over."""
        until = time.monotonic() + patience
        asked: set[int] = set()
        waiting: dict[str, int] = {}
        while not self._coordinator.everybody_answered and time.monotonic() < until:
            new = [node for node in sorted(grid.get_node_ids()) if node not in asked]
            sent = grid.push_messages([self._message(attempt, node) for node in new])
            waiting |= dict(zip(sent, new, strict=True))
            asked |= set(new)
            for reply in grid.pull_messages(list(waiting)) if waiting else ():
                node = waiting.pop(reply.metadata.reply_to_message_id, None)
                # What was lost on the way is asked for anew: an owner's answer stays the same.
                if node is not None and (reply.has_error() or self._receive([reply])):
                    asked.discard(node)
            time.sleep(PAUSE)

    def _message(self, number: int, node: int) -> Message:
        content = RecordDict({RECORD: ConfigRecord({TASK: self._coordinator.task(node)})})
        return Message(content=content, dst_node_id=node, message_type="train", group_id=str(number))

    def _receive(self, replies: Iterable[Message]) -> set[int]:
        """Returns the nodes that are to be asked anew."""
        again = set()
        for reply in replies:
            if reply.has_error() or RECORD not in reply.content:
                continue
            data, node = reply.content[RECORD].get(ANSWER), reply.metadata.src_node_id
            if isinstance(data, bytes) and self._coordinator.receive(node, data):
                again.add(node)
        return again


def server_app() -> ServerApp:
    """The ServerApp of a run: reads its job from the file that the coordinator's process names."""
    def main(grid: Grid, context: Context) -> None:
        del context
        job = json.loads(Path(os.environ[JOB_VARIABLE]).read_text("utf-8"))
        journal = Path(job["journal"])

        def told(event: Event) -> None:
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps(vars(event)) + "\n")

        plan = Plan.read(Path(job["plan"]).read_bytes())
        try:
            coordinator = Coordinator(plan, Path(job["certificate"]), told)
            ProvedUpdates(coordinator, float(job["patience"])).run(grid)
            told(Event(plan.rounds, "finished"))
        except ColophonError as problem:
            told(Event(0, "failed", "", problem.code))
            raise

    app = ServerApp()
    app.main()(main)
    return app


def relay_app() -> ClientApp:
    """The ClientApp: hands requests to the owner's own process, and its signed answers back."""
    def train(message: Message, context: Context) -> Message:
        del context
        secret = bytes.fromhex(os.environ[SECRET_VARIABLE])
        with Client(os.environ[ADDRESS_VARIABLE], authkey=secret) as connection:
            connection.send_bytes(message.content[RECORD][TASK])
            answer = connection.recv_bytes()
        content = RecordDict({RECORD: ConfigRecord({ANSWER: answer})})
        return Message(content=content, reply_to=message)

    app = ClientApp()
    app.train()(train)
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


def run_with_parent(name: str) -> None:
    """Run a SuperLink or a SuperNode that ends when the process that started it does, however that ends."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    if name == "superlink":
        from flwr.superlink.cli.flower_superlink import flower_superlink

        flower_superlink()
    else:
        from flwr.supernode.cli.flower_supernode import flower_supernode

        flower_supernode()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PAUSE)
    signal.raise_signal(signal.SIGTERM)
    time.sleep(LEAVING)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    if sys.argv[1:2] in (["superlink"], ["supernode"]):
        run_with_parent(sys.argv.pop(1))
    else:
        run_relay()

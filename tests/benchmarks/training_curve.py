"""What a proof costs for each row and step, as a curve: writes `training-cost.png` and prints the figures.

    QT_QPA_PLATFORM=offscreen .venv/bin/python tests/benchmarks/training_curve.py

Logistic regression, 32 columns, 100 bits, made-up rows; processor time of all threads, the least of
two rounds. On the left 16 steps and more and more rows, on the right 1,024 rows and more steps.
"""

from __future__ import annotations

import json
import sys
import time
from math import log10
from pathlib import Path

import numpy as np
import pyqtgraph
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from desktop_app.training.activation import Model
from desktop_app.training.dataset import DataSet, Schema, commit
from desktop_app.training.proof import prove, train_and_state
from desktop_app.training.recipe import Recipe
from desktop_app.training.verifier import verify

COLUMNS = 32
STEPS, ROWS = 16, 1024
MORE_ROWS = (256, 512, 1024, 2048, 4096, 8192, 16384)
MORE_STEPS = (1, 4, 16, 64, 256)
ROUNDS = 2
PLACE = Path(__file__).with_name("training-cost.png")
ROUND_NUMBERS = [digit * 10.0**power for power in range(-2, 4) for digit in (1, 2, 5)]
PAPER, INK, MADE, CHECKED = "#fdfcf9", "#3a3a36", "#1f6b5c", "#b5651d"

Point = tuple[int, float, float]
"""Rows or steps; seconds of processor time to prove and to verify."""


def measured(rows: int, steps: int) -> tuple[float, float]:
    """The least processor time to prove and to verify, in seconds."""
    generator = np.random.default_rng(1)
    features = generator.normal(size=(rows, COLUMNS))
    labels = features @ generator.normal(size=COLUMNS) > 0
    schema = Schema(tuple(map(str, range(COLUMNS))), "label", "logistic")
    data = commit(DataSet.of_numbers(schema, features, labels), proofs=1)
    recipe = Recipe.of(Model.LOGISTIC, rows, steps, 0.5)
    statement, trace = train_and_state([data], recipe, licence="", run="", nonce="ab" * 32)
    made, checked = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        proof = prove(statement, [data], trace, lambda identity, columns: None)
        proved = time.process_time()
        verify(statement, proof)
        made.append(proved - began)
        checked.append(time.process_time() - proved)
    return min(made), min(checked)


def draw(by_rows: list[Point], by_steps: list[Point]) -> None:
    _app = QApplication.instance() or QApplication(sys.argv[:1])
    pyqtgraph.setConfigOptions(antialias=True, background=PAPER, foreground=INK)
    canvas = pyqtgraph.GraphicsLayoutWidget()
    canvas.resize(1400, 560)
    panels = (
        (f"Rows ({STEPS} steps, {COLUMNS} columns)", by_rows, STEPS),
        (f"Steps ({ROWS:,} rows, {COLUMNS} columns)", by_steps, ROWS),
    )
    for place, (axis, points, other) in enumerate(panels):
        cell = canvas.addLayout(row=0, col=place)
        for line, (title, values) in enumerate(
            (
                ("Processor time, s", [(one[1], one[2]) for one in points]),
                (
                    "For each row and step, \u00b5s",
                    [(1e6 * one[1] / one[0] / other, 1e6 * one[2] / one[0] / other) for one in points],
                ),
            )
        ):
            plot = cell.addPlot(row=line, col=0)
            plot.setLogMode(x=True, y=True)
            plot.showGrid(x=True, y=True, alpha=0.2)
            plot.setLabel("left", title)
            plot.addLegend(offset=(-10, 10) if line else (10, 10))
            if line:
                plot.setLabel("bottom", axis)
            counts = [one[0] for one in points]
            plot.getAxis("bottom").setTicks([[(log10(count), f"{count:,}") for count in counts]])
            plot.getAxis("left").setTicks([[(log10(value), f"{value:g}") for value in ROUND_NUMBERS]])
            for side in ("left", "bottom"):
                plot.getAxis(side).setTickFont(QFont("Inter", 9))
            for name, colour, which in (("proved", MADE, 0), ("verified", CHECKED, 1)):
                plot.plot(
                    counts, [pair[which] for pair in values], name=name,
                    pen=pyqtgraph.mkPen(colour, width=3), symbol="o", symbolBrush=colour, symbolPen=None,
                    symbolSize=8,
                )  # fmt: skip
    QApplication.processEvents()
    canvas.grab().save(str(PLACE), "PNG")


def main() -> None:
    by_rows = [(rows, *measured(rows, STEPS)) for rows in MORE_ROWS]
    by_steps = [(steps, *measured(ROWS, steps)) for steps in MORE_STEPS]
    draw(by_rows, by_steps)
    print(json.dumps({"rows": by_rows, "steps": by_steps}))


if __name__ == "__main__":
    main()

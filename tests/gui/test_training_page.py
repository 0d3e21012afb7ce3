"""Private data in the window: the data set builder, a training, its proof, and verifying it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from desktop_app.gui.dialogs.data_set import DataSetDialog
from desktop_app.gui.main_window import MINIMUM, USUAL

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

PASSPHRASE = "paper lantern river stone"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    generator = random.Random(5)
    rows = ["income,age,region,default"]
    for _ in range(80):
        income = generator.gauss(3000, 900)
        region = generator.choice(["north", "south"])
        rows.append(f"{income:.0f},{generator.randint(20, 70)},{region},{'yes' if income < 2500 else 'no'}")
    path = tmp_path / "loans.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_from_a_table_to_a_proof_that_the_verify_page_accepts(user: Any, table: Path, tmp_path: Path) -> None:
    user.window.session.services.wallet.create("passphrase", PASSPHRASE)
    user.window.session.wallet_changed.emit()
    page = user.go("training")
    user.shot("training-empty")

    user.drop(page.drop, table)
    dialog = user.dialog(DataSetDialog)
    assert dialog.label.value() == "default"
    assert [box.text() for name, box in dialog.columns.items() if name == "region"] == ["region (2 groups)"]
    assert dialog.positive.value() == "yes"
    dialog.proofs.setCurrentIndex(0)
    user.shot("data-set", dialog)
    user.click(dialog.commit)
    user.no_dialog()
    user.settle()
    assert [box.text() for box in page.boxes.values()] == ["loans"]
    assert all(box.isChecked() for box in page.boxes.values())

    user.type(page.steps.control, "eight")
    user.click(page.train)
    user.settle()
    assert "not a number" in page.notice.text
    user.type(page.steps.control, "12")
    user.type(page.challenge.control, "harbour")
    user.click(page.train)
    user.wait(lambda: page.result.isVisible(), "the result")
    user.settle()
    target = tmp_path / "made.training.colophon"
    page.write_proof(target)
    user.wait(target.exists, "the proof")
    user.settle()
    assert "saved" in page.notice.text
    for theme, size in (("light", USUAL), ("dark", USUAL), ("light", MINIMUM)):
        user.window.theme.set_mode(theme)
        user.main.resize(*size)
        user.settle()
        user.shot(f"training{'' if size == USUAL else '-small'}")
        page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())
        user.shot(f"training-result{'' if size == USUAL else '-small'}")

    verify = user.go("verify")
    user.type(verify.challenge.control, "harbour")
    user.drop(verify.drop, target)
    user.wait(lambda: verify._result.isVisible(), "the verdict")
    user.settle()
    user.shot("verify-training")
    assert "holds" in verify._result.layout().itemAt(0).widget().text
    user.type(verify.challenge.control, "another")
    user.drop(verify.drop, target)
    user.settle()
    assert not verify._result.isVisible()
    assert "somebody else" in verify.notice.text
    assert not user.faults, "\n".join(user.faults)

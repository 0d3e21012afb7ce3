"""Private data in the window: the data set builder, a training, its proof, and verifying it."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from integration.private_data import CHALLENGE, federated_certificate, to_parquet
from PySide6.QtWidgets import QFileDialog, QLabel

from desktop_app.gui.dialogs.answer import AnswerDialog
from desktop_app.gui.dialogs.ask import TextDialog
from desktop_app.gui.dialogs.data_set import DataSetDialog
from desktop_app.gui.dialogs.mint_model import MintModelDialog
from desktop_app.gui.dialogs.prove_training import ProveTrainingDialog
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.dialogs.sign_training import SignTrainingDialog
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


def commit(user: Any, page: Any, table: Path, **choices: str) -> None:
    user.drop(page.drop, table)
    dialog = user.dialog(DataSetDialog)
    for name, title in choices.items():
        select = getattr(dialog, name)
        select.setCurrentIndex(select.findText(title))
    dialog.proofs.setCurrentIndex(0)
    user.shot(f"data-set{'-like' if choices else ''}", dialog)
    user.click(dialog.commit)
    user.no_dialog()
    user.settle()


def commit_parquet(user: Any, page: Any, table: Path) -> None:
    """The same table as Parquet, with empty places, which the builder finds and leaves out when told to."""
    path = table.with_name("loans.parquet")
    to_parquet(table, path)
    user.drop(page.drop, path)
    dialog = user.dialog(DataSetDialog)
    assert {name: select.value() for name, select in dialog.columns.items()} == {
        "income": "number", "age": "number", "region": "category", "default": "category"
    }  # fmt: skip
    told = {name: cells[1].text() for name, cells in dialog._cells.items()}
    assert told["region"] == "north, south (1 empty)"
    assert told["income"].endswith("(1 empty)")
    assert "empty" not in told["age"]
    assert (dialog.label.value(), dialog.positive.value()) == ("default", "yes")
    dialog.proofs.setCurrentIndex(0)
    user.click(dialog.commit)
    user.settle()
    assert "Row 81" in dialog.message.text
    user.click(dialog.skip_gaps)
    user.shot("data-set-parquet", dialog)
    user.click(dialog.commit)
    user.no_dialog()
    user.settle()
    shown = " ".join(each.text() for each in page.data.findChildren(QLabel))
    assert "80 rows" in shown


def everywhere(user: Any, page: Any, name: str) -> None:
    """Pictures in both themes and in a small window, at the top and at the end."""
    for theme, size in (("light", USUAL), ("dark", USUAL), ("light", MINIMUM)):
        user.window.theme.set_mode(theme)
        user.main.resize(*size)
        user.settle()
        small = "" if size == USUAL else "-small"
        for place, bar in (("", 0), ("-end", page.verticalScrollBar().maximum())):
            page.verticalScrollBar().setValue(bar)
            user.shot(f"{name}{place}{small}")
    user.window.theme.set_mode("light")
    user.main.resize(*USUAL)
    page.verticalScrollBar().setValue(0)
    user.settle()


def with_a_wallet(user: Any) -> Any:
    user.window.session.services.wallet.create("passphrase", PASSPHRASE)
    user.window.session.wallet_changed.emit()
    return user.go("training")


def test_from_a_table_to_a_proof_that_the_verify_page_accepts(
    user: Any, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = with_a_wallet(user)
    user.shot("training-empty")

    user.drop(page.drop, table)
    dialog = user.dialog(DataSetDialog)
    assert dialog.label.value() == "default"
    assert [dialog.columns[name].value() for name in ("income", "age", "region")] == [
        "number", "number", "category"
    ]  # fmt: skip
    told = [cell.text() for cell in dialog._cells["region"][1:2]]
    assert told == ["north, south"]
    assert dialog.positive.value() == "yes"
    dialog.reject()
    commit(user, page, table)
    test = table.with_name("others.csv")
    test.write_text(table.read_text())
    commit(user, page, test, like="loans")
    assert [box.text() for box in page.data.boxes.values()] == ["others", "loans"]
    user.click(page.data.boxes[page.data.chosen[0]])

    user.type(page.recipe.steps.control, "eight")
    user.click(page.recipe.train)
    user.settle()
    assert "not a number" in page.notice.text
    user.type(page.recipe.steps.control, "12")
    user.type(page.recipe.segments.control, "3")
    user.type(page.recipe.challenge.control, "harbour")
    user.type(page.recipe.parties.control, "Ada, Ben")
    user.click(page.recipe.at_once)
    user.click(page.recipe.train)
    # The curve is drawn while the proof of the first piece is still being made.
    user.wait(lambda: 0 < len(page.result.chart.losses) < 12, "a part of the curve")
    assert page.running.isVisible()
    user.shot("training-running")
    # Stopped, it stays where the last finished piece ended, and goes on from there.
    next(iter(page.running._rows.values()))._stop.click()
    user.settle()
    assert "was stopped" in page.notice.text
    state = next(iter(page._runs.values()))
    assert (state.trained, state.planned) in ((4, 12), (8, 12))
    user.shot("training-stopped")
    user.click(page.runs.buttons[state.run.id])
    user.wait(lambda: page.result.go_on.isVisible(), "the training")
    user.settle()
    user.click(page.result.go_on)
    user.settle()
    assert page.result.state.text() == "Proved"
    assert len(page.result.chart.losses) == 12

    target = tmp_path / "made.training.colophon"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_options: (str(target), ""))
    user.click(page.result.prove_it)
    wish = user.dialog(ProveTrainingDialog)
    user.click(next(iter(wish.tests.values())))
    user.shot("prove-training", wish)
    user.click(wish.next)
    user.wait(target.exists, "the proof")
    user.settle()
    assert "saved" in page.notice.text
    everywhere(user, page, "training")

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
    a_federated_run_is_checked(user, verify, tmp_path)
    assert not user.faults, "\n".join(user.faults)


def a_federated_run_is_checked(user: Any, verify: Any, folder: Path) -> None:
    """The page names who took part in how many rounds, and says what their results let out."""
    path = federated_certificate(folder)
    user.type(verify.challenge.control, CHALLENGE)
    user.drop(verify.drop, path)
    user.wait(lambda: verify._result.isVisible(), "the verdict")
    user.settle()
    user.shot("verify-federated")
    shown = "\n".join(each.text() for each in verify._result.findChildren(QLabel))
    for part in ("Ada", "Ben", "Cleo", "in 2 of 2 rounds", "in 1 of 2 rounds", "2 of 3 that were planned",
                 "The results of each owner in every round are public", "the proof cannot say"):  # fmt: skip
        assert part in shown


def test_a_hidden_model_answers_and_its_answers_are_compared(
    user: Any, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off_the_ui_thread: list[str]
) -> None:
    page = with_a_wallet(user)
    off_the_ui_thread.clear()  # the wallet was not made by the window
    user.click(page.segments.buttons["models"])
    user.shot("training-no-models")
    user.click(page.segments.buttons["train"])
    commit_parquet(user, page, table)
    user.type(page.recipe.steps.control, "6")
    user.click(page.recipe.train)
    user.wait(lambda: page.result.prove_it.isVisible(), "the result")
    user.settle()

    user.click(page.result.take_further)
    user.dialog(TextDialog).reject()
    # The owner signs the terms; the signature goes into the proof.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args, **_options: str(tmp_path))
    user.click(page.result.request)
    user.settle()
    terms = next(tmp_path.glob("*.request.colophon"))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_options: (str(terms), ""))
    user.click(page.sign)
    signing = user.dialog(SignTrainingDialog)
    user.shot("sign-training", signing)
    user.click(signing.next)
    user.click(user.dialog(ReviewDialog).agree)
    signature = user.wait(lambda: next(tmp_path.glob("*.consent.colophon"), None), "the signature")
    user.settle()
    assert "Signed" in page.notice.text

    hidden = tmp_path / "hidden.training.colophon"
    asked = tmp_path / "asked.csv"
    asked.write_text("income,age,region\n1900,40,north\n3900,40,south\n")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_options: (str(hidden), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_options: (str(asked), ""))
    user.click(page.result.prove_it)
    wish = user.dialog(ProveTrainingDialog)
    user.click(wish.hidden)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_args, **_options: ([str(signature)], ""))
    user.click(wish.sign)
    user.shot("prove-hidden", wish)
    user.click(wish.next)
    user.wait(hidden.exists, "the proof")
    user.settle()
    register_and_mint(user, page)
    user.shot("training-minted")

    user.click(page.segments.buttons["models"])
    user.shot("training-models")
    user.click(next(iter(page.hidden.buttons.values())))
    dialog = user.dialog(AnswerDialog)
    user.shot("answer", dialog)
    user.click(dialog.go)
    user.no_dialog()
    user.settle()
    assert "answers" in page.notice.text
    user.click(page.segments.buttons["explained"])
    everywhere(user, page, "training-explained")

    made = next(page._session.services.paths.certificates.glob("*.answers.colophon"))
    verify = user.go("verify")
    user.drop(verify.drop, made)
    user.wait(lambda: verify._result.isVisible(), "the verdict")
    user.settle()
    card = verify._result.layout().itemAt(1).widget()
    user.click(card.table)
    user.settle()
    card = verify._result.layout().itemAt(1).widget()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_options: (str(hidden), ""))
    user.click(card.training)
    user.settle()
    said = verify._result.layout().itemAt(0).widget().text
    assert "asked.csv" in said
    assert "hidden.training.colophon" in said
    user.shot("verify-answers")
    assert not off_the_ui_thread
    assert not user.faults, "\n".join(user.faults)


def register_and_mint(user: Any, page: Any) -> None:
    """The model becomes a work, and a royalty token of its own."""
    user.click(page.result.register_it)
    user.click(user.dialog(ReviewDialog).agree)
    user.wait(lambda: "is registered" in page.notice.text, "the record")
    user.settle()
    user.click(page.result.mint_it)
    dialog = user.dialog(MintModelDialog)
    user.shot("mint-model", dialog)
    user.click(dialog.next)
    assert "short sign" in dialog.symbol.control.accessibleDescription()
    user.type(dialog.symbol.control, "LOANS")
    user.click(dialog.next)
    user.click(user.dialog(ReviewDialog).agree)
    user.wait(lambda: "has royalty shares" in page.notice.text, "the token")
    user.settle()


def test_a_worked_example_runs_in_the_window(
    user: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_app.services import training_examples

    health = training_examples.EXAMPLES["health"]
    quick = replace(health, settings=replace(health.settings, steps=4))
    monkeypatch.setitem(training_examples.EXAMPLES, "health", quick)
    page = user.go("training")
    user.click(page.segments.buttons["examples"])
    user.shot("training-examples")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_args, **_options: str(tmp_path / "out"))
    user.click(page.examples.buttons["health"])
    user.wait(lambda: page.examples.result.isVisible(), "the example")
    user.settle()
    user.shot("training-example-done")
    user.click(page.examples.see)
    verify = user.main.pages["verify"]
    user.wait(lambda: verify._result.isVisible(), "the verdict")
    assert not user.faults, "\n".join(user.faults)

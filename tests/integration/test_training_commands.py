"""Private data sets, training and proofs from the command line, as a new user would."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from integration.people import PASSPHRASE
from integration.private_data import CHALLENGE, federated_certificate, to_parquet

from desktop_app.cli import app as command_line
from desktop_app.core.errors import CancelledError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.app import Services

pytestmark = pytest.mark.usefixtures("cheap_passphrases")


@pytest.fixture
def home(alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a wallet, and two tables beside it."""
    generator = random.Random(5)
    for name in ("loans", "more"):
        rows = ["income,age,region,default"]
        for _ in range(60):
            income = generator.gauss(3000, 900)
            region = generator.choice(["north", "south"])
            rows.append(
                f"{income:.0f},{generator.randint(20, 70)},{region},{'yes' if income < 2500 else 'no'}"
            )
        (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n")
    alone.close()
    monkeypatch.setenv("COLOPHON_HOME", str(alone.paths.home))
    monkeypatch.setenv("COLOPHON_PASSPHRASE", PASSPHRASE)
    return alone.paths.home


@pytest.fixture
def colophon(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: object, code: int = 0) -> Any:
        found = command_line.run(["training", *(str(each) for each in arguments), "--json"])
        told = capsys.readouterr()
        assert found == code, told.err
        return json.loads(told.out if code == 0 else told.err)

    return run


def test_from_a_table_to_a_proof_that_others_verify(home: Path, tmp_path: Path, colophon: Any) -> None:
    added = colophon("dataset", "add", tmp_path / "loans.csv", "--label", "default", "--proofs", 3)
    assert (added["rows"], added["columns"], added["proofs_left"]) == (60, 4, 3)
    other = colophon("dataset", "add", tmp_path / "more.csv", "--like", "loans", "--proofs", 3)
    assert other["code_size"] == added["code_size"]
    shown = colophon("verify", added["path"])
    assert (shown["rows_in_range"], shown["steps"]) == ([added["identity"]], 0)

    run = colophon(
        "run", "loans", "more", "--steps", 6, "--batches", 3, "--licence", "L1", "--party", "Ada",
        "--challenge", "harbour",
    )  # fmt: skip
    assert run["rows"] == 120
    assert float(run["losses"][-1]) < float(run["losses"][0])
    assert float(run["distance_to_floats"]) < 1e-3
    target = tmp_path / "made.colophon"
    test = colophon(
        "dataset", "add", tmp_path / "more.csv", "--like", "loans", "--title", "test", "--proofs", 1
    )
    made = colophon("prove", run["id"], "--output", target, "--segments", 2, "--test", "test")
    assert made["path"] == str(target)
    said = colophon("verify", target, "--challenge", "harbour", "--licence", "L1", "--run", run["id"])
    assert said["weights"] == run["weights"]
    assert (said["steps"], said["parties"]) == (6, ["Ada"])
    assert [each["data"] for each in said["tests"]] == [[test["identity"]]]
    assert 0 <= said["tests"][0]["error"] < said["tests"][0]["rows"] == 60
    assert [item["identity"] for item in said["data"]] == [added["identity"], other["identity"]]
    assert set(said["rows_in_range"]) == {each["identity"] for each in (added, other, test)}
    assert (
        colophon("verify", target, "--challenge", "other", code=1)["error"]["code"]
        == "training.other_verifier"
    )
    assert colophon("verify", tmp_path / "loans.csv", code=2)["error"]["code"] == "certificate.not_json"
    assert colophon("prove", run["id"], "--output", target, code=1)["error"]["code"] == "training.file_exists"
    assert [each["certificate"] for each in colophon("list")] == [str(target)]

    # What is proved already costs nothing; hiding the weights is one proof more, twice would be too many.
    assert [each["proofs_left"] for each in colophon("dataset", "list")] == [0, 1, 1]
    copy = colophon("prove", run["id"], "--output", tmp_path / "copy.colophon", "--test", "test")
    assert Path(copy["path"]).read_bytes() == target.read_bytes()
    assert [each["proofs_left"] for each in colophon("dataset", "list")] == [0, 1, 1]
    hide_and_answer(colophon, run, tmp_path)
    again = colophon(
        "prove", run["id"], "--output", tmp_path / "again.colophon", "--hide-weights", "--answers", 1, code=1
    )
    assert again["error"]["code"] == "training.too_few_proofs"
    assert not (tmp_path / "again.colophon").exists()
    renewed = colophon(
        "dataset", "add", tmp_path / "loans.csv", "--like", "loans", "--replaces", added["id"], "--proofs", 3
    )
    assert renewed["identity"] != added["identity"]


def hide_and_answer(colophon: Any, run: Any, folder: Path) -> None:
    """The same run proved without its weights, and questions that the model answers."""
    hidden = folder / "hidden.colophon"
    made = colophon("prove", run["id"], "--output", hidden, "--hide-weights", "--answers", 1)
    said = colophon("verify", hidden, "--challenge", "harbour", "--model", made["identity"])
    assert (said["weights"], said["hidden_model"]) == ([], made["identity"])
    table = folder / "asked.csv"
    table.write_text("income,age,region\n1900,40,north\n3900,40,south\n")
    answers = folder / "asked.colophon"
    told = colophon("hidden", "answer", made["model"], table, "--output", answers, "--challenge", "why")
    poor, rich = (output / 2**16 for output in told["outputs"])
    assert poor > 0.5 > rich
    assert (told["model"]["answered"], told["model"]["files_left"]) == (2, 0)
    assert [each["files_left"] for each in colophon("hidden", "list")] == [0]
    question = ("--challenge", "why", "--trained", hidden, "--inputs", table)
    said = colophon("verify", answers, *question)
    assert (said["outputs"], said["hidden_model"]) == (told["outputs"], made["identity"])
    table.write_text("income,age,region\n3900,40,south\n1900,40,north\n")
    for options, code in (
        (("--inputs", table), "training.other_inputs"),
        (("--challenge", "other"), "training.other_verifier"),
        (("--licence", "L2"), "training.other_licence"),
        (("--model", "00" * 32), "training.other_model"),
        (("--trained", folder / "made.colophon"), "training.weights_are_shown"),
        (("--run", run["id"]), "training.no_training_in_file"),
    ):
        assert colophon("verify", answers, *options, code=1)["error"]["code"] == code
    ask = ("hidden", "answer", made["model"], table, "--output", folder / "more.colophon")
    assert colophon(*ask, code=1)["error"]["code"] == "training.budget_exhausted"
    table.write_text("income,age,region\n" + "3900,40,south\n" * 3)
    assert colophon(*ask, code=1)["error"]["code"] == "training.weights_worked_out"
    assert not (folder / "more.colophon").exists()


def test_a_network_is_trained_and_proved_like_a_regression(
    home: Path, tmp_path: Path, colophon: Any
) -> None:
    colophon("dataset", "add", tmp_path / "loans.csv", "--label", "default", "--proofs", 2)
    run = colophon("run", "loans", "--hidden", 2, "--steps", 3, "--l2", 0.01)
    assert len(run["weights"]) == 2 * 5 + 3
    assert float(run["distance_to_floats"]) < 1e-3
    target = tmp_path / "network.colophon"
    told = colophon("prove", run["id"], "--output", target, "--hide-weights", code=2)
    assert told["error"]["code"] == "training.network_weights_are_shown"
    assert [each["proofs_left"] for each in colophon("dataset", "list")] == [2]
    colophon("dataset", "add", tmp_path / "more.csv", "--like", "loans", "--proofs", 1)
    colophon("prove", run["id"], "--output", target, "--segments", 2, "--test", "more")
    said = colophon("verify", target)
    assert (said["weights"], said["steps"]) == (run["weights"], 3)
    assert 0 <= said["tests"][0]["error"] <= 60


def test_a_bad_table_says_which_place_and_adds_nothing(home: Path, tmp_path: Path, colophon: Any) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("a,y\n1,yes\n,no\n3,no\n")
    assert colophon("dataset", "add", path, code=2)["error"]["code"] == "training.no_label"
    told = colophon("dataset", "add", path, "--label", "y", code=2)["error"]
    assert told["code"] == "training.no_number_in_row"
    assert "Row 2" in told["reason"]
    assert colophon("dataset", "list") == []
    assert colophon("run", "bad", code=2)["error"]["code"] == "store.data_set_unknown"
    assert colophon("dataset", "add", path, "--label", "y", "--skip-gaps")["rows"] == 2


def test_a_parquet_file_is_read_as_the_same_rows_in_csv(home: Path, tmp_path: Path, colophon: Any) -> None:
    path = tmp_path / "loans.parquet"
    to_parquet(tmp_path / "loans.csv", path)
    read = ("--label", "default", "--proofs", 1, "--code-size", 1024)
    told = colophon("dataset", "add", path, *read, code=2)["error"]
    assert told["code"] == "training.no_number_in_row"
    assert "Row 61" in told["reason"]
    # Left out are the rows with no income, no region, and no label.
    added = colophon("dataset", "add", path, *read, "--skip-gaps", "--title", "parquet")
    assert (added["rows"], added["columns"]) == (60, 4)
    colophon("dataset", "add", tmp_path / "loans.csv", *read, "--title", "csv")
    for name in ("parquet", "csv"):
        colophon("dataset", "show", name, "--output", tmp_path / f"{name}.schema")
    schema = (tmp_path / "parquet.schema").read_bytes()
    assert schema == (tmp_path / "csv.schema").read_bytes()
    assert json.loads(schema)["columns"][2]["categories"] == ["north", "south"]
    made = [colophon("run", name, "--steps", 2)["weights"] for name in ("parquet", "csv")]
    assert made[0] == made[1]


def test_anybody_checks_a_federated_run_and_reads_what_it_lets_out(
    home: Path, tmp_path: Path, colophon: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = federated_certificate(tmp_path)
    said = colophon("verify", path, "--challenge", CHALLENGE)
    assert {each["name"]: each["rows"] for each in said["owners"]} == {"Ada": 14, "Ben": 9, "Cleo": 21}
    assert (said["rounds"], said["planned"], said["finished"]) == (2, 3, False)
    assert said["present"] == [["Ada", "Ben", "Cleo"], ["Ada", "Cleo"]]
    other = colophon("verify", path, "--challenge", "other", code=1)
    assert other["error"]["code"] == "training.other_verifier"
    assert command_line.run(["training", "verify", str(path)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for part in ("Ada", "Ben", "Cleo", "in 1 of 2 rounds", "2 of 3 that were planned",
                 "The results of each owner in every round are public", "the proof cannot say"):  # fmt: skip
        assert part in shown
    path.write_bytes(path.read_bytes().replace(b'"name":"Ben"', b'"name":"Eve"'))
    assert colophon("verify", path, code=1)["error"]["code"].startswith("training.")


def test_rows_at_rest_are_encrypted_and_bound_to_their_wallet(
    home: Path, tmp_path: Path, colophon: Any
) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("mark,y\n" + "".join(f"{17},{i % 2}\n" for i in range(40)))
    added = colophon("dataset", "add", path, "--label", "y", "--category", "mark")
    sealed = home / "data-sets" / f"{added['id']}.sealed"
    assert sealed.stat().st_mode & 0o077 == 0
    assert (256).to_bytes(2, "little") * 3 not in sealed.read_bytes()
    content = bytearray(sealed.read_bytes())
    content[50] ^= 1
    sealed.write_bytes(content)
    assert colophon("run", added["id"], code=1)["error"]["code"] == "training.rows_do_not_open"
    sealed.unlink()
    assert colophon("run", added["id"], code=2)["error"]["code"] == "training.rows_are_gone"


def test_the_opening_budget_never_falls(alone: Services, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(30)))
    from desktop_app.services.data_sets import Reading

    service = alone.training.data_sets
    added = service.add(path, Reading(label="y"), proofs=2).data
    before = service.get(added.id).opened
    assert before == added.header.capacity // 3
    service.spend((added.identity,), 10)
    assert service.get(added.id).opened == before + 10
    with pytest.raises(RefusedError, match="budget_exhausted"):
        service.spend((added.identity,), added.header.capacity)
    with pytest.raises(RefusedError, match="budget_exhausted"):
        service.spend((added.identity,), -5)
    with sqlite3.connect(alone.paths.database) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE data_sets SET opened = 0")
    connection.close()


def test_several_data_sets_are_spent_together_or_not_at_all(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_app.services.data_sets import Reading
    from desktop_app.services.training_runs import Settings

    path = tmp_path / "t.csv"
    path.write_text("a,b,y\n" + "".join(f"{i},{i * i % 7},{i % 2}\n" for i in range(30)))
    data_sets, runs = alone.training.data_sets, alone.training.runs
    ample = data_sets.add(path, Reading(label="y"), title="ample", proofs=3, size_of_code=1024).data
    path.write_text(path.read_text().replace("1,", "2,"))
    scarce = data_sets.add(path, Reading(label="y", like=ample.id), title="scarce", proofs=1).data
    both = [ample.id, scarce.id]

    def left() -> list[int]:
        return [data_sets.get(item).proofs_left() for item in both]

    run = runs.run(both, Settings(steps=2))
    # Found before any work: nothing is opened, trained or proved, no model is committed to.
    with monkeypatch.context() as refused:
        refused.setattr(data_sets, "open", lambda _item: pytest.fail("the work was started"))
        with pytest.raises(RefusedError, match="too_few_proofs") as problem:
            runs.prove(run.id, tmp_path / "two.colophon", segments=2)
        assert problem.value.params == {"title": "scarce", "needed": 2, "left": 1}
        assert left() == [3, 1]
    runs.prove(run.id, tmp_path / "one.colophon", segments=1)
    assert left() == [2, 0]
    with pytest.raises(RefusedError, match="too_few_proofs"):
        runs.prove_hidden(run.id, tmp_path / "hidden.colophon", 1)
    with pytest.raises(RefusedError, match="too_few_proofs"):
        runs.run(both, Settings(steps=2), proof=tmp_path / "grows.colophon")
    assert alone.training.hidden.all() == []
    assert [each.id for each in runs.all()] == [run.id]
    # Where another process takes the last proof meanwhile, the others keep theirs.
    monkeypatch.setattr(data_sets, "require", lambda *_: None)
    with pytest.raises(RefusedError, match="budget_exhausted"):
        runs.prove_hidden(run.id, tmp_path / "hidden.colophon", 1)
    assert left() == [2, 0]


def test_stopped_between_segments_a_proof_goes_on(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_app.services import training_steps
    from desktop_app.services.data_sets import Reading
    from desktop_app.services.training_runs import Settings

    path = tmp_path / "t.csv"
    path.write_text("a,b,y\n" + "".join(f"{i},{i * i % 7},{i % 2}\n" for i in range(30)))
    added = alone.training.data_sets.add(path, Reading(label="y"), proofs=3).data
    run = alone.training.runs.run([added.id], Settings(steps=3))
    honest, calls = training_steps.prove, []

    def fails_at_the_third(*arguments: Any) -> bytes:
        calls.append(1)
        if len(calls) == 3:
            raise RefusedError("training.not_the_statement")
        return honest(*arguments)

    monkeypatch.setattr(training_steps, "prove", fails_at_the_third)
    with pytest.raises(RefusedError):
        alone.training.runs.prove(run.id, tmp_path / "x.colophon", segments=3)
    assert alone.training.data_sets.get(added.id).proofs_left() == 1
    made = alone.training.runs.prove(run.id, tmp_path / "x.colophon", segments=3)
    assert len(calls) == 4
    assert alone.training.data_sets.get(added.id).proofs_left() == 0
    assert alone.training.runs.verify(made.path).steps == 3


def test_a_training_goes_on_where_it_was_stopped_and_beyond(alone: Services, tmp_path: Path) -> None:
    """Killed after the second of three segments, its proof growing; then taken further than was planned."""
    from desktop_app.services.data_sets import Reading
    from desktop_app.services.training_runs import Settings

    path = tmp_path / "t.csv"
    path.write_text("a,b,y\n" + "".join(f"{i},{i * i % 7},{i % 2}\n" for i in range(30)))
    runs, data_sets = alone.training.runs, alone.training.data_sets
    added = data_sets.add(path, Reading(label="y"), proofs=6).data
    whole = runs.run([added.id], Settings(steps=8, batches=2))
    proof = tmp_path / "grows.colophon"
    seen: list[int] = []

    def stops(losses: Sequence[float]) -> None:
        seen.append(len(losses))
        if len(losses) == 5:
            task.cancel()

    task = Task()
    settings = Settings(steps=6, batches=2, segments=3)
    with pytest.raises(CancelledError):
        runs.run([added.id], settings, task, stops, proof)
    stopped = runs.state(runs.all()[0])
    assert (seen, stopped.trained, stopped.planned, stopped.proved) == ([1, 2, 3, 4, 5], 4, 6, 4)
    assert runs.verify(proof).steps == 4
    assert data_sets.get(added.id).proofs_left() == 4
    done = runs.resume(stopped.run.id, proof=proof)
    assert (runs.verify(proof).steps, data_sets.get(added.id).proofs_left()) == (6, 3)
    with pytest.raises(RefusedError, match="run_is_whole"):
        runs.resume(done.id)
    further = runs.resume(done.id, 2, proof=proof)
    said = runs.verify(proof)
    assert [each.recipe.steps for each in said.certificate.segments] == [2, 2, 2, 2]
    assert (said.steps, data_sets.get(added.id).proofs_left()) == (8, 2)
    # The order of the batches, and so each loss and each weight, is that of a training in one piece.
    assert further.losses == pytest.approx(whole.losses, abs=1e-6)
    assert further.statement.final == whole.statement.final
    # A proof that hides the weights is never replaced by one that shows them.
    hidden = runs.prove_hidden(whole.id, tmp_path / "hidden.colophon", 1).file.path
    before = hidden.read_bytes()
    with pytest.raises(RefusedError, match="file_exists"):
        runs.resume(whole.id, 1, proof=hidden)
    assert hidden.read_bytes() == before


def test_answers_count_for_the_weights_under_whatever_commitment(alone: Services, tmp_path: Path) -> None:
    """Hidden twice, a model would give its weights away in two halves; so would two processes at once."""
    from desktop_app.services.data_sets import Reading
    from desktop_app.services.training_runs import Settings
    from desktop_app.store.hidden_models import HiddenModelRepository

    path = tmp_path / "t.csv"
    path.write_text("a,b,y\n" + "".join(f"{i},{i * i % 7},{i % 2}\n" for i in range(30)))
    runs, models = alone.training.runs, alone.training.hidden
    added = alone.training.data_sets.add(path, Reading(label="y"), proofs=2).data
    run = runs.run([added.id], Settings(steps=2))
    first, second = (runs.prove_hidden(run.id, tmp_path / f"{n}.colophon", 1).model for n in (1, 2))
    assert (first.weights, first.identity != second.identity) == (3, True)
    asked = tmp_path / "asked.csv"
    asked.write_text("a,b\n1,2\n20,3\n")
    assert models.answer(first.id, asked, tmp_path / "a.colophon").model.answered == 2
    assert models.get(second.id).answered == 2
    before = models.get(second.id).opened
    with pytest.raises(RefusedError, match="weights_worked_out"):
        models.answer(second.id, asked, tmp_path / "b.colophon")
    with pytest.raises(RefusedError, match="weights_worked_out"):
        HiddenModelRepository(alone.database).answered(second.identity, 1, second.weights)
    assert (models.get(second.id).answered, models.get(second.id).opened) == (2, before)


def test_an_owner_starts_from_no_weights_of_the_coordinators_choosing(
    alone: Services, tmp_path: Path
) -> None:
    from dataclasses import replace

    from desktop_app.services.data_sets import Reading
    from desktop_app.services.federated import PlanSettings

    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "".join(f"{i},{i % 2}\n" for i in range(30)))
    added = alone.training.data_sets.add(path, Reading(label="y"), proofs=1).data
    federated = alone.training.federated
    offer = federated.offer(added.id, "Ada", tmp_path / "ada.colophon")
    made = federated.prepare([offer], PlanSettings(rounds=1, steps=1), tmp_path / "run", ("127.0.0.1",))
    plan = federated.read_plan(made.plan)
    assert federated.mine(plan)[0].name == "Ada"
    with pytest.raises(RefusedError, match="plan_other_start"):
        federated.mine(replace(plan, initial=(5, 0)))


@pytest.mark.parametrize("name", ["owners"])
def test_a_worked_example_ends_with_a_file_that_verifies(
    name: str, home: Path, tmp_path: Path, colophon: Any
) -> None:
    done = colophon("example", name, "--output", tmp_path / "out")
    assert done["hits"] / done["rows"] > 0.97
    assert float(done["sklearn_agrees"]) > 0.97
    said = colophon("verify", done["certificate"], "--challenge", "colophon example")
    assert len(said["data"]) == len(done["owners"])
    assert (tmp_path / "out" / f"{name}.csv").is_file()
    assert colophon("example", "weather", "--output", tmp_path / "out", code=2)["error"]["code"] == (
        "training.no_such_example"
    )

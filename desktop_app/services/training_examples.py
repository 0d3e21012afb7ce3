"""Worked examples on real public data from packages on PyPI: commit, train, prove, and write the certificate.

health: which tumours are malignant, 569 x 30 (scikit-learn). finance: which insured people see a doctor,
20,190 x 9 in mini-batches (statsmodels). owners: three hospitals with a third of the tumours each. creators:
which of 1,797 drawn digits are even, from 32 hashed features of each picture (scikit-learn).
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.paths import expanded
from desktop_app.core.progress import Task
from desktop_app.services.training_runs import Settings, make_segments, nonce_of, trained
from desktop_app.training import quality
from desktop_app.training.certificate import Proved, TrainingCertificate, parse, verify_certificate
from desktop_app.training.dataset import CommittedData, OpeningBudget, commit, features_of
from desktop_app.training.proof import prove_validity
from desktop_app.training.table import Table, infer_schema
from desktop_app.training.table_files import write_csv
from desktop_app.training.validity import ValidityStatement
from desktop_app.training.verifier import Expected
from desktop_app.wallet.durable import replace_file

CHALLENGE = "colophon example"
HASHED_FEATURES = 32


@dataclass(frozen=True)
class Example:
    """A table, cut into `owners` parts, with its recipe."""

    label: str
    positive: str
    owners: tuple[str, ...]
    settings: Settings
    load: Callable[[], Table]


@dataclass(frozen=True)
class ExampleResult:
    """What was shown, and what it took. Times in seconds, sizes in bytes."""

    name: str
    rows: int
    features: int
    steps: int
    owners: tuple[str, ...]
    hits: int
    distance: float
    """The largest difference of a weight from the same descent in floating point."""
    sklearn_agrees: float
    """Share of the rows that scikit-learn's own logistic regression puts on the same side."""
    seconds_to_prove: float
    seconds_to_verify: float
    size: int
    bits: float
    certificate: Path


def names() -> tuple[str, ...]:
    return tuple(EXAMPLES)


def run_example(name: str, output: Path, task: Task | None = None) -> ExampleResult:
    """Write the table, the certificate and a report into the folder `output`.

    Raises InvalidInputError for an unknown name, RefusedError where the package with the data is missing.
    """
    task = task or Task()
    if name not in EXAMPLES:
        raise InvalidInputError("training.no_such_example", name=name[:80], names=", ".join(EXAMPLES))
    example = EXAMPLES[name]
    try:
        table = example.load()
        import sklearn  # noqa: F401
    except ImportError as error:
        raise RefusedError("training.examples_missing") from error
    output = expanded(output)
    if output.exists() and not output.is_dir():
        raise NotFoundError("training.no_such_folder", path=str(output))
    output.mkdir(parents=True, exist_ok=True)
    write_csv(output / f"{name}.csv", table)
    data = _committed(example, table)
    budgets = {item.header.identity(): OpeningBudget(item.header.capacity) for item in data}

    def spend(identities: tuple[str, ...], columns: int) -> None:
        budgets.update({identity: budgets[identity].spend(columns) for identity in identities})

    validity = []
    for item in data:
        statement = ValidityStatement.of(item.header, security=example.settings.security)
        validity.append(Proved(statement, prove_validity(statement, item, spend)))
    started = time.perf_counter()
    summary = trained(data, example.settings, name, task)
    claims = make_segments(summary.statement, data, 1, spend, task=task)
    proved = time.perf_counter()
    certificate = output / f"{name}.training.colophon"
    replace_file(certificate, TrainingCertificate((*claims, *validity)).encode())
    expected = Expected(nonce=nonce_of(CHALLENGE), licence=example.settings.licence)
    content = certificate.read_bytes()
    began = time.perf_counter()
    verified = verify_certificate(parse(content), expected)
    ended = time.perf_counter()
    features, labels = features_of(data)
    result = ExampleResult(
        name, len(labels), features.shape[1], example.settings.steps, example.owners, summary.hits or 0,
        summary.distance, _sklearn_agreement(features, labels, summary.statement.final),
        proved - started, ended - began, len(content), verified.bits, certificate,
    )  # fmt: skip
    report = {key: str(value) if isinstance(value, Path) else value for key, value in vars(result).items()}
    replace_file(output / f"{name}.report.json", json.dumps(report, indent=2).encode())
    return result


def _committed(example: Example, table: Table) -> list[CommittedData]:
    schema = infer_schema(table, example.label, "logistic", positive=example.positive)
    found: list[CommittedData] = []
    for owner in range(len(example.owners)):
        part = Table({name: values[owner :: len(example.owners)] for name, values in table.columns.items()})
        bound = found[0].header.degree_bound if found else None
        found.append(commit(schema.data_set(part), proofs=4, degree_bound=bound))
    return found


def _sklearn_agreement(
    features: NDArray[np.int64], labels: NDArray[np.int64], weights: Sequence[int]
) -> float:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(max_iter=1000).fit(features / 256, labels)
    ours = quality.predictions(features, weights) >= 0
    return float(np.mean(ours == (model.predict(features / 256) == 1)))


def _table(names: Sequence[str], values: NDArray[Any], label: str, labels: Sequence[str]) -> Table:
    columns = {name: [format(value, ".10g") for value in values[:, i]] for i, name in enumerate(names)}
    return Table(columns | {label: list(labels)})


def _tumours() -> Table:
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    labels = [("malignant", "benign")[int(target)] for target in found.target]
    return _table([str(name) for name in found.feature_names], found.data, "diagnosis", labels)


def _insured() -> Table:
    from statsmodels.datasets import randhie

    found = randhie.load_pandas().data
    names = [str(name) for name in found.columns if name != "mdvis"]
    labels = ["yes" if visits > 0 else "no" for visits in found["mdvis"]]
    return _table(names, found[names].to_numpy(dtype=np.float64), "saw_a_doctor", labels)


def _digits() -> Table:
    from sklearn.datasets import load_digits

    found = load_digits()
    pictures = np.asarray(found.data, dtype=np.float64)
    hashed = np.zeros((len(pictures), HASHED_FEATURES))
    for pixel in range(pictures.shape[1]):
        # Signed feature hashing (Weinberger et al. 2009).
        digest = hashlib.sha256(b"colophon/v1/training/feature-hash\0" + bytes([pixel])).digest()
        hashed[:, digest[0] % HASHED_FEATURES] += (1 if digest[1] & 1 else -1) * pictures[:, pixel]
    labels = ["even" if target % 2 == 0 else "odd" for target in found.target]
    return _table([f"hash {i}" for i in range(HASHED_FEATURES)], hashed, "parity", labels)


def _settings(licence: str, parties: tuple[str, ...], **others: Any) -> Settings:
    return Settings(licence=licence, parties=parties, challenge=CHALLENGE, **others)


_HOSPITALS = ("north hospital", "east hospital", "south hospital")
EXAMPLES: dict[str, Example] = {
    "health": Example(
        "diagnosis", "malignant", ("hospital",),
        _settings("example licence: health", ("researcher", "hospital")), _tumours,
    ),
    "finance": Example(
        "saw_a_doctor", "yes", ("insurer",),
        _settings("example licence: finance", ("actuary", "insurer"), steps=32, batches=16, l2=0.001),
        _insured,
    ),
    "owners": Example(
        "diagnosis", "malignant", _HOSPITALS,
        _settings("example licence: owners", ("researcher", *_HOSPITALS)), _tumours,
    ),
    "creators": Example(
        "parity", "even", ("artist",),
        _settings("example licence: creators", ("studio", "artist"), steps=48), _digits,
    ),
}  # fmt: skip

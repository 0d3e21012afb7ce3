"""With COLOPHON_REQUIRE_ALL=1, as in CI, a skipped test is a failure. Loaded by the Makefile (-p no_skips).

Accepted reasons: the public test vectors are not part of this repository, what a benchmark compares us with
is installed only where that comparison is wanted, and Flower needs an environment of its own.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

_ACCEPTED = ("public test vectors", "optional benchmark", "make test-federated")


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("COLOPHON_REQUIRE_ALL") != "1" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if not any(accepted in reason for accepted in _ACCEPTED):
        report.outcome = "failed"
        report.longrepr = f"not allowed where COLOPHON_REQUIRE_ALL=1: {reason}"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse(report)
    return report

"""Who does heavy work on many files: the processors of this computer, or the machines of a Dask cluster.

Everything that needs hands takes any `concurrent.futures.Executor`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib import import_module
from urllib.parse import urlsplit

from desktop_app.core.errors import InvalidInputError, UnavailableError

Workers = Callable[[], AbstractContextManager[Executor]]
"""Opens an executor, as often as asked: a pool in which a process has died is of no more use."""

CLUSTER_SECONDS = 10
_RETRIES = 3


@contextmanager
def local_processes(count: int = 0) -> Iterator[Executor]:
    """`count` processes on this computer, one for each processor by default."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # Forking a program with threads and a window may hang the child.
    with ProcessPoolExecutor(
        count or os.cpu_count() or 1, mp_context=get_context("spawn"), initializer=_as_worker
    ) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _as_worker() -> None:
    # Ctrl-C reaches every process of a terminal; the one that asked for the work decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def cluster(address: str) -> Workers:
    """The machines of the Dask cluster whose scheduler is at `address`, as tcp://host:8786 or tls://....

    They read the files by the same paths, and get the salts that hide the content. What they answer is
    unpickled, so that they could run anything here: they must be yours.
    Raises InvalidInputError("catalogue.cluster_address") and UnavailableError("catalogue.no_distributed");
    opening raises UnavailableError("catalogue.cluster_unreachable").
    """
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        raise InvalidInputError("catalogue.cluster_address", given=address[:80])
    try:
        import_module("distributed")
    except ImportError as error:
        raise UnavailableError("catalogue.no_distributed") from error
    return partial(_cluster, address)


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    try:
        client = import_module("distributed").Client(address, timeout=CLUSTER_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise UnavailableError("catalogue.cluster_unreachable", given=address[:80]) from error
    try:
        executor = client.get_executor(pure=False, retries=_RETRIES)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False)
    finally:
        client.close()

"""Building the services loads nothing that is only needed once in a while."""

from __future__ import annotations

import subprocess
import sys

OCCASIONAL = (
    "web3 eth c2pa distributed opentimestamps bitcoin rfc3161_client PIL iscc_lib pypdf tinytag requests "
    "multiprocessing"
)


def test_the_services_are_built_without_what_is_needed_once_in_a_while() -> None:
    code = (
        "import sys; import desktop_app.services.app; "
        f"sys.exit(','.join(sorted(set('{OCCASIONAL}'.split()) & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr

"""Building the services loads nothing that is only needed once in a while."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OCCASIONAL = (
    "web3 eth c2pa distributed opentimestamps bitcoin rfc3161_client PIL iscc_lib pypdf tinytag requests "
    "multiprocessing eth_abi eth_utils pydantic numpy sklearn pyarrow argon2 cryptography.x509 "
    "tomlkit ssl http.client http.cookiejar"
)


def test_the_services_are_built_without_what_is_needed_once_in_a_while(tmp_path: Path) -> None:
    code = (
        "import sys; from desktop_app.core.paths import AppPaths; "
        "from desktop_app.services.app import build_services; "
        "build_services(AppPaths.from_environment()).close(); "
        f"sys.exit(','.join(sorted(set('{OCCASIONAL}'.split()) & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"COLOPHON_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr

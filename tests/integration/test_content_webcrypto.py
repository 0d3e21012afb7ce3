"""A package is decrypted by the WebCrypto of every browser, here that of Node, with nothing else."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from desktop_app.content.package import create_package, new_key
from desktop_app.core.progress import Task

READER = """
const fs = require("fs");
const [path, hex] = process.argv.slice(1);
(async () => {
  const file = fs.readFileSync(path), header = file.subarray(0, 107);
  const key = await crypto.subtle.importKey("raw", Buffer.from(hex, "hex"), "AES-GCM", false, ["decrypt"]);
  const size = Number(header.readBigUInt64BE(12));
  let place = 107, left = size, number = 0;
  while (left > 0) {
    const length = Math.min(65536, left), end = place + length + 16;
    const iv = Buffer.alloc(12);
    header.copy(iv, 0, 20, 27);
    iv.writeUInt32BE(number, 7);
    iv[11] = left === length ? 1 : 0;
    const additionalData = Buffer.concat([header, file.subarray(end, end + 32)]);
    const chunk = await crypto.subtle.decrypt({name: "AES-GCM", iv, additionalData}, key,
                                              file.subarray(place, end));
    process.stdout.write(Buffer.from(chunk));
    place = end + 32; left -= length; number += 1;
  }
})();
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
@pytest.mark.parametrize("size", [1, 65536, 200_000])
def test_a_browser_decrypts_a_package_with_webcrypto_alone(size: int, tmp_path: Path) -> None:
    content, key = hashlib.shake_128(b"browser").digest(size), new_key()
    (tmp_path / "film").write_bytes(content)
    create_package(tmp_path / "film", tmp_path / "film.colophon", key, bytes(32), Task())
    done = subprocess.run(
        ["node", "-e", READER, str(tmp_path / "film.colophon"), key.hex()], capture_output=True, timeout=60
    )
    assert done.stdout == content, done.stderr

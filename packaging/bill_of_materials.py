"""The software bill of materials: CycloneDX 1.6 JSON of everything inside of the one-folder build.

    python bill_of_materials.py FOLDER OUTPUT.cdx.json

Run by the Python of the bundle's environment, so that it says what is really there. No random serial number
and no time of its own (SOURCE_DATE_EPOCH), so that the same build has the same bill.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from licences import Part, parts

_SPDX = re.compile(r"[A-Za-z0-9.\-+]+( (AND|OR|WITH) [A-Za-z0-9.\-+]+)*")
_NOT_SPDX = re.compile(r"\b(BSD|PSFL|LGPL3|UNKNOWN|License|Apache Software|see)\b(?!-)")


def bill(everything: list[Part], made_at: int) -> dict[str, Any]:
    """The document; the component that it is about is Colophon itself."""
    components = {part.name.lower().replace("_", "-").replace(".", "-"): part for part in everything}
    main = components.pop("colophon")
    content = json.dumps([(part.purl, part.licence) for part in everything]).encode()
    serial = uuid.UUID(bytes=hashlib.sha256(content).digest()[:16], version=4)
    refs = {name: part.purl for name, part in components.items()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial.urn,
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(made_at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": _component(main, "application"),
        },
        "components": [_component(part, "library") for part in components.values()],
        "dependencies": [
            {
                "ref": part.purl,
                "dependsOn": sorted({refs[name] for name in part.requires if name in refs}),
            }
            for part in (main, *components.values())
        ],
    }


def _component(part: Part, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": kind,
        "bom-ref": part.purl,
        "name": part.name,
        "version": part.version,
        "purl": part.purl,
    }
    if _SPDX.fullmatch(part.licence) and not _NOT_SPDX.search(part.licence):
        found["licenses"] = [{"expression": part.licence}]
    elif part.licence:
        found["licenses"] = [{"license": {"name": part.licence}}]
    return found


if __name__ == "__main__":
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    document = bill(parts(folder), int(os.environ.get("SOURCE_DATE_EPOCH", "0")))
    output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(len(document["components"]) + 1, "components")

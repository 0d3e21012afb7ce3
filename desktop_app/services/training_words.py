"""What a verified training proof says, as lines of a name and a value, for both front ends."""

from __future__ import annotations

from desktop_app.core.localised import grouped
from desktop_app.services.training_runs import WEIGHT_UNIT, Verified, nonce_of
from desktop_app.services.wording import words
from desktop_app.training.dataset import is_digest

__all__ = ["is_digest", "verified_facts"]

ERROR_UNIT = 1 << 20


def verified_facts(verified: Verified) -> list[tuple[str, str]]:
    """In the order in which they are shown; lines without a value are left out."""
    certificate = verified.certificate
    segments, data = certificate.segments, certificate.data
    shown = {header.identity() for header in data} <= set(verified.valid_data)
    found = [("verdict", words("training.holds" if segments else "training.data_holds"))]
    for one in data:
        size = words("training.data_size", rows=grouped(one.rows), columns=one.features)
        found += [("data", size), ("identity", one.identity())]
    found += [
        ("in_range", words("training.all_shown" if shown else "training.not_shown")),
    ]
    if segments:
        first, last = segments[0], segments[-1]
        unasked = first.nonce == nonce_of("")
        model = words(f"training.model_{first.recipe.model}", steps=grouped(verified.steps))
        tests = [
            words(
                f"training.test_{test.data[0].model}",
                rows=grouped(test.rows),
                right=grouped(test.rows - test.error),
                error=f"{test.error / ERROR_UNIT / test.rows:.4f}",
            )
            for test in certificate.tests
        ]
        found += [
            ("model", model),
            ("start", words("training.other_start") if any(first.initial) else ""),
            ("licence", first.licence),
            ("parties", ", ".join(first.parties)),
            ("run", first.run),
            ("challenge", words("training.no_challenge" if unasked else "training.a_challenge")),
            ("weights", ", ".join(f"{weight / WEIGHT_UNIT:.4f}" for weight in last.final)),
            ("tests", "\n".join(tests)),
        ]
    found.append(("chance", words("training.chance", bits=f"{verified.bits:.2f}")))
    return [(words(f"training.fact_{name}"), value) for name, value in found if value]

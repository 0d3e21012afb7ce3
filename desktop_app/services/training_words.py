"""What a verified training proof says, as lines of a name and a value, for both front ends."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.core.clock import iso_utc
from desktop_app.core.localised import grouped
from desktop_app.services.training_licences import LicenceFinding, LicenceState
from desktop_app.services.training_runs import WEIGHT_UNIT, Verified, nonce_of
from desktop_app.services.wording import words
from desktop_app.training.consent import NO_DATA
from desktop_app.training.dataset import is_digest

__all__ = ["is_digest", "verified_facts"]

ERROR_UNIT = 1 << 20


def verified_facts(
    verified: Verified, licences: Sequence[LicenceFinding] = ()
) -> list[tuple[str, str]]:
    """In the order in which they are shown; lines without a value are left out.

    `licences`: what `TrainingLicences.check` found.
    """
    certificate = verified.certificate
    segments, data = certificate.segments, certificate.data
    owners = {each.data: each.signer for each in certificate.consents}
    shown = {header.identity() for header in data} <= set(verified.valid_data)
    found = [("verdict", words("training.holds" if segments else "training.data_holds"))]
    for one in data:
        size = words("training.data_size", rows=grouped(one.rows), columns=one.features)
        found += [("data", size), ("identity", one.identity())]
        if segments:
            by = owners.get(one.identity())
            signed = words("training.signed_by", signer=by) if by else words("training.not_signed")
            found.append(("owner", signed))
    found += [
        ("in_range", words("training.all_shown" if shown else "training.not_shown")),
    ]
    if segments:
        first, last = segments[0], segments[-1]
        trainer = owners.get(NO_DATA)
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
            ("on_network", "\n".join(_licence(each) for each in licences)),
            ("parties", ", ".join(first.parties)),
            ("trainer", words("training.signed_by", signer=trainer) if trainer else ""),
            ("run", first.run),
            ("challenge", words("training.no_challenge" if unasked else "training.a_challenge")),
            ("weights", ", ".join(f"{weight / WEIGHT_UNIT:.4f}" for weight in last.final)),
            ("tests", "\n".join(tests)),
        ]
    found.append(("chance", words("training.chance", bits=f"{verified.bits:.2f}")))
    return [(words(f"training.fact_{name}"), value) for name, value in found if value]


def _licence(found: LicenceFinding) -> str:
    """One licence in a sentence or three."""
    one = found.licence
    if one is None:
        return words("training.licence_unchecked", number=found.number)
    parts = [
        words(
            "training.licence_stored" if found.state is LicenceState.STORED else "training.licence_confirmed",
            number=found.number,
            licensee=one.licensee,
            licensor=one.licensor,
            root=one.data_root.hex(),
            time=iso_utc(one.read_at),
        )
    ]
    if one.expires_at:
        parts.append(words("training.licence_ends", time=iso_utc(one.expires_at)))
    if not found.buyer_signed:
        parts.append(words("training.buyer_not_signed"))
    if found.seller_signed:
        parts.append(words("training.seller_signed"))
    elif found.other_owner:
        parts.append(words("training.seller_is_another"))
    return " ".join(parts)

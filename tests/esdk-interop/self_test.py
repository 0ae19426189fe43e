"""Proves that the checks can fail: each is run between PocketKMS and a participant that lies about one thing, and must
notice. An honest one must pass the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from checks import Checks
from participants import Decrypted, Participant, Rejected, Settings, pocketkms


class Honest(Participant):
    """PocketKMS itself, in the place of AWS's SDK."""

    def __init__(self, inner: Participant) -> None:
        self.name, self.inner = "a liar", inner

    def encrypt(self, settings: Settings, plaintext: bytes) -> bytes:
        return self.inner.encrypt(settings, plaintext)

    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        return self.inner.decrypt(settings, message)


class WrongPlaintext(Honest):
    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        found = super().decrypt(settings, message)
        return replace(found, plaintext=found.plaintext + b"!")


class WrongContext(Honest):
    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        found = super().decrypt(settings, message)
        return replace(found, context=found.context | {"more": "than there was"})


class ForgetsSignatures(Honest):
    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        return replace(super().decrypt(settings, message), signed=False)


class ReadsNothing(Honest):
    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        raise Rejected("never")


class WritesNothing(Honest):
    def encrypt(self, settings: Settings, plaintext: bytes) -> bytes:
        raise Rejected("never")


class WritesAnything(Honest):
    def encrypt(self, settings: Settings, plaintext: bytes) -> bytes:
        return super().encrypt(settings.but(policy="", max_keys=None), plaintext)


class IgnoresPolicy(Honest):
    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        return super().decrypt(settings.but(policy="REQUIRE_ENCRYPT_ALLOW_DECRYPT"), message)


class IgnoresLimit(Honest):
    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        return super().decrypt(settings.but(max_keys=None), message)


class OpensEverything(Honest):
    def decrypt(self, settings: Settings, message: bytes) -> Decrypted:
        try:
            return super().decrypt(settings, message)
        except Rejected:
            return Decrypted(b"whatever", {}, signed=False)


LIARS: list[tuple[type[Honest], Callable[[Checks], None]]] = [
    (WrongPlaintext, Checks.several_keys),
    (WrongContext, Checks.several_keys),
    (ForgetsSignatures, Checks.several_keys),
    (ReadsNothing, Checks.several_keys),
    (WritesNothing, Checks.several_keys),
    (OpensEverything, Checks.several_keys),
    (OpensEverything, Checks.altered),
    (OpensEverything, Checks.rewrapped),
    (WrongPlaintext, Checks.rewrapped),
    (OpensEverything, Checks.agreed_keys),
    (WrongPlaintext, Checks.agreed_keys),
    (OpensEverything, Checks.required_context),
    (WritesAnything, Checks.policies),
    (IgnoresPolicy, Checks.policies),
    (WritesAnything, Checks.limits),
    (IgnoresLimit, Checks.limits),
]


def run() -> None:
    ours, theirs = pocketkms("native"), pocketkms("rust-crypto")
    try:
        for check in dict.fromkeys(check for _, check in LIARS):
            checks = Checks(ours, Honest(theirs))
            check(checks)
            if checks.wrong or not checks.seen:
                raise SystemExit(f"self-test: {check.__name__}: an honest participant was blamed: {checks.wrong[:3]}")
        for liar, check in LIARS:
            checks = Checks(ours, liar(theirs))
            check(checks)
            if not checks.wrong:
                raise SystemExit(f"self-test: {check.__name__} did not notice {liar.__name__}")
    finally:
        ours.close()
        theirs.close()
    print(f"self-test: {len(LIARS)} of {len(LIARS)} liars were noticed")

"""The checks between PocketKMS and one of AWS's SDKs. Each counts what it has seen, and notes what is not as it must be."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cases import (
    CONTEXTS, CURVES, KEYS, OLD_RSA, REWRITABLE, SIGNED, SUITES, UNFRAMED_LENGTHS, Case, aes, ecdh, matrix,
)  # fmt: skip
from participants import Decrypted, Participant, Rejected, Settings, committing

POLICIES = ["FORBID_ENCRYPT_ALLOW_DECRYPT", "REQUIRE_ENCRYPT_ALLOW_DECRYPT", "REQUIRE_ENCRYPT_REQUIRE_DECRYPT"]


@dataclass
class Checks:
    ours: Participant
    theirs: Participant
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def both_ways(self) -> Iterator[tuple[Participant, Participant]]:
        yield self.ours, self.theirs
        yield self.theirs, self.ours

    def must(self, kind: str, what: str, attempt: Callable[[], Any], judge: Callable[[Any], str]) -> Any:
        """Something that must succeed; `judge` complains, or says nothing."""
        self.seen[kind] += 1
        try:
            result = attempt()
        except Rejected as refused:
            self.wrong.append(f"{kind}: {what}: {refused}")
            return None
        if complaint := judge(result):
            self.wrong.append(f"{kind}: {what}: {complaint}")
        return result

    def must_not(self, kind: str, what: str, attempt: Callable[[], Any]) -> None:
        self.seen[kind] += 1
        try:
            attempt()
        except Rejected:
            return
        self.wrong.append(f"{kind}: {what}: accepted")

    def opens(self, kind: str, what: str, reader: Participant, settings: Settings, message: bytes, plaintext: bytes) -> None:
        """The message gives its plaintext, and the context that it was written with."""

        def judge(found: Decrypted) -> str:
            if found.plaintext != plaintext:
                return "another plaintext"
            if found.signed != (settings.suite in SIGNED):
                return "signed" if found.signed else "not signed"
            return "" if found.context == settings.context else f"another context: {found.context}"

        what = f"{what}, read by {reader.name}"
        self.must(kind, what, partial(reader.decrypt, settings, message), judge)

    def written(self, kind: str, what: str, writer: Participant, settings: Settings, plaintext: bytes) -> bytes | None:
        what = f"{what}, written by {writer.name}"
        return self.must(kind, what, partial(writer.encrypt, settings, plaintext), anything)

    # --- the checks

    def messages(self) -> None:
        """Every case, both ways."""
        for writer, reader in self.both_ways():
            for case in matrix(writer.frame_step):
                self.exchange("messages", case, writer, reader)

    def exchange(self, kind: str, case: Case, writer: Participant, reader: Participant) -> None:
        plaintext = random.randbytes(case.length)
        message = self.written(kind, case.title, writer, case.settings, plaintext)
        if message is not None:
            self.opens(kind, case.title, reader, case.settings, message, plaintext)

    def unframed(self) -> None:
        """Only AWS's Python SDK writes such messages."""
        for at, suite in enumerate(SUITES):
            for length in UNFRAMED_LENGTHS:
                context, keys = list(CONTEXTS.values())[at % len(CONTEXTS)], KEYS["AES-256"]
                for streamed in (False, True):
                    settings = Settings(suite, 0, context, keys=keys, streamed=streamed)
                    case = Case(f"{suite:#06x}, {length} bytes unframed", settings, length)
                    self.exchange("unframed", case, self.theirs, self.ours)

    def old_rsa(self) -> None:
        """PKCS #1 v1.5, which PocketKMS reads where asked to, and never writes."""
        for suite in SUITES:
            settings = Settings(suite, context=CONTEXTS["one pair"], keys=OLD_RSA)
            self.exchange("PKCS #1 v1.5", Case(f"{suite:#06x}", settings, 5000), self.theirs, self.ours)
            self.must_not("PKCS #1 v1.5", f"{suite:#06x}, written", partial(self.ours.encrypt, settings, b"x"))

    def several_keys(self) -> None:
        """Each key of a message opens it alone; another key of the same name does not."""
        keys = KEYS["several"]
        for writer, reader in self.both_ways():
            for suite in SUITES:
                plaintext = random.randbytes(1234)
                settings = Settings(suite, context=CONTEXTS["astral planes"], keys=keys)
                message = self.written("several keys", f"{suite:#06x}", writer, settings, plaintext)
                if message is None:
                    continue
                for key in keys:
                    what = f"{suite:#06x}, {key['name']}"
                    self.opens("several keys", what, reader, settings.but(keys=(key,)), message, plaintext)
                for wrong in (aes(256, "generator"), aes(256, "another name")):
                    what = f"{suite:#06x}, a wrong key '{wrong['name']}', read by {reader.name}"
                    self.must_not("several keys", what, partial(reader.decrypt, settings.but(keys=(wrong,)), message))

    def rewrapped(self) -> None:
        """Messages of either whose header PocketKMS rewrote: AWS's SDK opens them with the new keys, and not with the old."""
        for writer, _ in self.both_ways():
            for suite in REWRITABLE:
                for name, context in CONTEXTS.items():
                    plaintext = random.randbytes(5000)
                    settings = Settings(suite, 1024, context, keys=KEYS["AES-256"])
                    what = f"{suite:#06x}, context {name}, written by {writer.name}"
                    message = self.written("rewrapped", what, writer, settings, plaintext)
                    if message is None:
                        continue
                    rewrap = partial(self.ours.rewrap, settings, message, KEYS["several"])
                    moved = self.must("rewrapped", what, rewrap, anything)
                    for key in KEYS["several"] if moved is not None else ():
                        for reader in (self.ours, self.theirs):
                            self.opens("rewrapped", what, reader, settings.but(keys=(key,)), moved, plaintext)
                    if moved is not None:
                        self.must_not("rewrapped", f"{what}, the old key", partial(self.theirs.decrypt, settings, moved))

    def agreed_keys(self) -> None:
        """Raw ECDH: each curve, each schema, some suites; the key of a stranger opens nothing."""
        for writer, reader in self.both_ways():
            for curve in CURVES:
                stranger = next(ecdh(curve))[2]
                for schema, writes, reads in ecdh(curve):
                    for suite, context in zip((0x0014, 0x0378, 0x0478, 0x0578), CONTEXTS.values(), strict=False):
                        what, settings = f"{suite:#06x}, {curve.name}, {schema}", Settings(suite, context=context)
                        message = self.written("ECDH", what, writer, settings.but(keys=(writes,)), b"agreed")
                        if message is None:
                            continue
                        self.opens("ECDH", what, reader, settings.but(keys=(reads,)), message, b"agreed")
                        other = partial(reader.decrypt, settings.but(keys=(stranger,)), message)
                        self.must_not("ECDH", f"{what}, a stranger, read by {reader.name}", other)

    def limits(self) -> None:
        """As many encrypted data keys as the reader's limit, and one more."""
        for writer, reader in self.both_ways():
            settings = Settings(keys=KEYS["several"])
            message = self.written("limits", "three keys", writer, settings, b"three")
            if message is not None:
                self.opens("limits", "three keys, limit 3", reader, settings.but(max_keys=3), message, b"three")
                what = f"three keys, limit 2, read by {reader.name}"
                self.must_not("limits", what, partial(reader.decrypt, settings.but(max_keys=2), message))
            what = f"three keys, limit 2, written by {writer.name}"
            self.must_not("limits", what, partial(writer.encrypt, settings.but(max_keys=2), b"three"))

    def policies(self) -> None:
        """Each policy with each suite: both sides write and read the same."""
        for suite in SUITES:
            settings = Settings(suite, keys=KEYS["AES-256"], context=CONTEXTS["one pair"])
            for writer, reader in self.both_ways():
                for policy in POLICIES:
                    what = f"{suite:#06x} under {policy}"
                    may_write = committing(suite) == policy.startswith("REQUIRE_ENCRYPT")
                    attempt = partial(writer.encrypt, settings.but(policy=policy), b"policy")
                    if may_write:
                        self.must("policies", f"{what}, written by {writer.name}", attempt, anything)
                    else:
                        self.must_not("policies", f"{what}, written by {writer.name}", attempt)
                message = self.written("policies", f"{suite:#06x}", writer, settings, b"policy")
                for policy in POLICIES if message is not None else []:
                    what, under = f"{suite:#06x} under {policy}", settings.but(policy=policy)
                    if committing(suite) or policy.endswith("ALLOW_DECRYPT"):
                        self.opens("policies", what, reader, under, message, b"policy")
                    else:
                        self.must_not("policies", f"{what}, read by {reader.name}", partial(reader.decrypt, under, message))

    def altered(self) -> None:
        """A bit flipped in any part, and what is missing at the end: both sides refuse it. Theirs, for time, is asked
        less often."""
        for suite in SUITES:
            for writer, _ in self.both_ways():
                settings = Settings(suite, 128, CONTEXTS["accents and scripts"], keys=KEYS["AES-256"])
                plaintext = random.randbytes(300)
                message = self.written("altered", f"{suite:#06x}", writer, settings, plaintext)
                if message is None:
                    continue
                for reader in (self.ours, self.theirs):
                    for streamed in (False, True) if reader is self.ours else (False,):
                        how = settings.but(streamed=streamed)
                        self.opens("altered", f"{suite:#06x}, untouched", reader, how, message, plaintext)
                        step = 1 if reader is self.ours else 7
                        for what, spoilt in list(alterations(message, suite))[:: -step]:
                            what = f"{suite:#06x}, {what}, written by {writer.name}, read by {reader.name}"
                            self.must_not("altered", what, partial(reader.decrypt, how, spoilt))

    def required_context(self) -> None:
        """Pairs that are not stored in the message, but authenticated: they must be given again, the same."""
        context = CONTEXTS["astral planes"] | {"stored": "yes"}
        for suite in SUITES:
            for required in (("z",), ("\U0001f511", "\ufffd"), tuple(sorted(context))):
                settings = Settings(suite, context=context, required=required, keys=KEYS["AES-256"])
                for writer, reader in self.both_ways():
                    what = f"{suite:#06x}, {len(required)} not stored"
                    message = self.written("required context", what, writer, settings, b"context")
                    if message is None:
                        continue
                    self.opens("required context", what, reader, settings, message, b"context")
                    other = settings.but(context=context | {required[0]: "another"})
                    what = f"{what}, one of them %s, read by {reader.name}"
                    self.must_not("required context", what % "changed", partial(reader.decrypt, other, message))
                    less = settings.but(required=required[1:])
                    self.must_not("required context", what % "missing", partial(reader.decrypt, less, message))


def anything(_: Any) -> str:
    return ""


def alterations(message: bytes, suite: int) -> Iterator[tuple[str, bytes]]:
    """Every eleventh byte, all of the last 120 (tags; signature or final frame), and truncations."""
    tail = len(message) - 120
    for at in (*range(0, tail, 11), *range(tail, len(message))):
        spoilt = bytearray(message)
        spoilt[at] ^= 1 << random.randrange(8)
        yield f"byte {at} of {len(message)} flipped from {message[at]:#04x} to {spoilt[at]:#04x}", bytes(spoilt)
    for length in (0, 1, len(message) // 2, len(message) - 1):
        yield f"cut to {length} of {len(message)} bytes", message[:length]
    if suite in SIGNED:  # the last ones, which no one leaves out
        # The footer: the length of the signature in two bytes, and the signature.
        length = next(n for n in range(60, 110) if int.from_bytes(message[-n - 2 : -n], "big") == n)
        body = message[: -length - 2]
        yield "no footer", body
        yield "an empty signature", body + bytes(2)
        altered = bytearray(message)
        altered[-length // 2] ^= 1
        yield "an altered signature", bytes(altered)

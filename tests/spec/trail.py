"""The audit trail of a vault, verified as docs/formats.md, "Audit trail", says. Nothing of PocketKMS is used."""

import json
from dataclasses import dataclass, field
from hashlib import sha256

from decryptor import Snapshot


# In place of an entry's number: another one after it may have said something later.
DOUBTFUL = 0


@dataclass
class Trail:
    """What a trail holds, and what is wrong with it."""

    events: list[dict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    entries: list[int] = field(default_factory=list)


def lines(content: bytes) -> list[bytes]:
    if not content.endswith(b"\n"):
        raise ValueError("the last line has no end")
    return content.split(b"\n")[:-1]


def verify(snapshot: Snapshot) -> Trail:
    trail = Trail()
    (generation,) = snapshot.json("generation").values()
    head = generation["audit"]
    named: dict[str, tuple[int, int, str | None]] = {}
    before, events = None, head["removed"]
    for name, content in sorted(snapshot.records.items()):
        if not name.startswith("audit/"):
            continue
        digits = name.removeprefix("audit/")
        number = int(digits)
        header_line, *rest = lines(content)
        header = json.loads(header_line)
        if len(digits) != 20 or not {"previous", "before", "events", "time"} <= set(header) <= {
            "previous",
            "before",
            "events",
            "time",
            "writes",
            "carried",
        }:
            trail.problems.append(f"{name}: it is no entry")
        if before is None and number != head["first"]:
            trail.problems.append(f"{name}: the trail begins with {head['first']}")
        if before is not None and header["previous"] != before:
            trail.problems.append(f"{name}: it does not follow {before['entry']}")
        if (header["before"], header["events"]) != (events, len(rest)):
            trail.problems.append(f"{name}: it counts other events")
        trail.events += [json.loads(line) for line in rest]
        trail.entries.append(number)
        digest = sha256(b"PocketKMS Audit 1" + number.to_bytes(8, "big") + content).hexdigest()
        before, events = {"entry": number, "digest": digest}, header["before"] + header["events"]
        said = [(*write, number) for write in header.get("writes", [])] + header.get("carried", [])
        for record, revision, of_bytes, made in said:
            if made >= named.get(record, (DOUBTFUL,))[0]:
                named[record] = (made, revision, of_bytes)
    if before != {"entry": head["entry"], "digest": head["digest"]} or events != head["events"]:
        trail.problems.append("the trail ends elsewhere")
    stored = {name: sealed for name, sealed in snapshot.sealed.items() if name != "generation" and not name.startswith("audit/")}
    for record, (made, revision, of_bytes) in named.items():
        found = stored.pop(record, None)
        if made == DOUBTFUL:
            if found is not None and snapshot.revisions[record] < revision:
                trail.problems.append(f"{record}: it was put back")
            continue
        is_as_named = (
            found is None
            if of_bytes is None
            else found is not None and (snapshot.revisions[record], sha256(found).hexdigest()) == (revision, of_bytes)
        )
        if not is_as_named:
            trail.problems.append(f"{record}: it is not as the trail says")
    if head["since"] == 1:
        trail.problems += [f"{record}: no entry names it" for record in stored]
    return trail

"""Proves that the matrix can fail: doctors what a participant made or reported, in one place at a time, and demands that
the judge complains, and that it does not complain about what is untouched."""

import base64
import json
import shutil
import subprocess

import judge
import messages


def flip(text):
    """Base64 with one bit flipped, in the middle."""
    data = bytearray(base64.b64decode(text))
    data[len(data) // 2] ^= 1
    return base64.b64encode(data).decode()


def case(manifest, **wanted):
    return next(case for case in manifest["cases"] if all(case[name] == value for name, value in wanted.items()))


def edit_manifest(manifest):
    """Ways to spoil what a maker made: a name, and what it does."""
    first, later = case(manifest, generation=0, kind="encrypt"), case(manifest, generation=2)
    data_key = case(manifest, kind="data-key")
    yield "a plaintext of a maker", lambda: first.update(plaintext=flip(first["plaintext"]))
    yield "a missing case", lambda: manifest["cases"].remove(later)
    yield "a case twice", lambda: manifest["cases"].append(dict(first))
    yield "a generation with an old material", lambda: later.update(material=first["material"])
    yield "a data key of a wrong length", lambda: data_key.update(plaintext=base64.b64encode(bytes(31)).decode())
    yield "a blob twice", lambda: first.update(blob=later["blob"])
    message = manifest["messages"][5]
    yield "a plaintext of a message", lambda: message.update(plaintext=flip(message["plaintext"]))
    yield "a missing message", lambda: manifest["messages"].remove(message)
    yield "a message twice", lambda: message.update(message=manifest["messages"][6]["message"])
    yield "a message that was not rewrapped", lambda: message.update(rewrapped={})
    yield "another maker's name", lambda: manifest.update(maker="somebody")


def edit_report(report):
    """Ways in which a checker may have failed."""
    raw, snapshots, flips = report["vaults"]["raw"], report["snapshots"], report["flips"][0]["outcomes"]
    key = flips.index(judge.NO_KEY)
    yield "a wrong plaintext", lambda: report["decrypted"][7].update(plaintext=flip(report["decrypted"][7]["plaintext"]))
    yield "a wrong material", lambda: report["decrypted"][7].update(material="00" * 32)
    yield "a decryption that failed", lambda: report["decrypted"].__setitem__(7, {"error": judge.CIPHERTEXT})
    yield "a decryption that was left out", lambda: report["decrypted"].pop()
    yield "a wrong context accepted", lambda: report["wrong_context"].__setitem__(7, "accepted")
    yield "wrong contexts left out", lambda: report["wrong_context"].clear()
    yield "a flipped bit accepted", lambda: flips.__setitem__(-1, "accepted")
    yield "a flipped bit in the key id called otherwise", lambda: flips.__setitem__(key, judge.CIPHERTEXT)
    yield "a flipped bit elsewhere called AccessDenied", lambda: flips.__setitem__(key - 1, judge.NO_KEY)
    yield "a byte that was not flipped", lambda: flips.pop()
    yield "a blob whose bytes were not flipped", lambda: report["flips"].pop()
    message, of_message = report["messages"][5], report["message_flips"][0]["outcomes"]
    for keyring in messages.KEYRINGS:
        refused = {keyring: {"error": "InvalidMessageException"}}
        yield f"a message that the {keyring} keyring did not open", lambda refused=refused: message.update(refused)
    yield "a message in another suite", lambda: message.update(suite=report["messages"][-1]["suite"])
    yield "a message with another context", lambda: message["encryption_context"].update(interop="wrong")
    yield "a message without its context", lambda: message["encryption_context"].clear()
    yield "a message that was left out", lambda: report["messages"].pop()
    yield "a flipped bit of a message accepted", lambda: of_message.__setitem__(-1, "accepted")
    yield "a byte of a message that was not flipped", lambda: of_message.pop()
    yield "a message whose bytes were not flipped", lambda: report["message_flips"].pop()
    yield "a flipped bit of the snapshot accepted", lambda: snapshots["raw_flips"].__setitem__(300, "accepted")
    yield "a crash instead of a refusal", lambda: snapshots["raw_flips"].__setitem__(300, "RangeError")
    yield "a byte of the snapshot that was not flipped", lambda: snapshots["raw_flips"].pop()
    yield "a truncated snapshot accepted", lambda: snapshots.update(raw_truncated="accepted")
    yield "a wrong root key accepted", lambda: snapshots.update(raw_wrong_root="accepted")
    yield "a wrong passphrase accepted", lambda: snapshots.update(passphrase_wrong_root="accepted")
    yield "a creation date one millisecond off", lambda: raw.update(creation_millis=raw["creation_millis"] + 1)
    yield "a rotation that was lost", lambda: raw["rotation_millis"].pop()
    yield "another checker's name", lambda: report.update(checker="somebody")
    yield "an empty report", report.clear


def run(work, name, participants):
    """Raises if the judge is too lenient or too strict with what `name` made and reported of itself, or if one of the
    participants (name: program) does not see a ciphertext that was doctored."""
    directory, report = work / name, work / f"{name}-{name}.json"
    tried = 0

    def demand(what, complaints, wanted=True):
        nonlocal tried
        tried += 1
        if bool(complaints) != wanted:
            raise SystemExit(f"self-test: {what}: the judge said {complaints or 'nothing'}")

    demand("what was made, untouched", judge.complaints(judge.judge_maker(name, directory)), wanted=False)
    demand("the report, untouched", judge.complaints(judge.judge_check(name, name, directory, report)), wanted=False)

    spoilt = work / "self-test"
    shutil.copytree(directory, spoilt)
    spoilt_report = spoilt / "report.json"
    for what, complaints in spoil(directory / "manifest.json", spoilt / "manifest.json", edit_manifest):
        demand(what, complaints(judge.judge_maker(name, spoilt)))
    shutil.copy(directory / "manifest.json", spoilt)
    for what, complaints in spoil(report, spoilt_report, edit_report):
        demand(what, complaints(judge.judge_check(name, name, spoilt, spoilt_report)))
    spoilt_report.unlink()
    demand("a report that was not written", judge.complaints(judge.judge_check(name, name, spoilt, spoilt_report)))

    # Not the report but a blob and a message are doctored, and every participant checks once more: exactly these must fail.
    manifest = judge.read(directory / "manifest.json")
    doctored = case(manifest, generation=3, context="unicode", length=4096)
    doctored["blob"] = flip(doctored["blob"])
    message = manifest["messages"][-1]
    message["message"] = flip(message["message"])
    (spoilt / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    wanted = [f"{judge.identity(doctored)}: decrypted: {judge.CIPHERTEXT}"] + [
        f"{messages.identity(message)}: {keyring}: InvalidMessageException" for keyring in messages.KEYRINGS
    ]
    for checker, program in participants.items():
        subprocess.run([program, "check", spoilt, spoilt_report], check=True, stderr=subprocess.DEVNULL)
        found = judge.complaints(judge.judge_check(checker, name, spoilt, spoilt_report))
        demand(f"a doctored blob and message before {checker}; {found} instead of {wanted}", found == wanted)
        spoilt_report.unlink()

    shutil.rmtree(spoilt)
    print(f"self-test: right was distinguished from wrong in {tried} of {tried} cases")


def spoil(source, target, edits):
    """Writes the source into the target with one edit at a time, and hands over how to collect what the judge says."""
    for number, (what, _) in enumerate(edits(judge.read(source))):
        content = judge.read(source)
        for at, (_, edit) in enumerate(edits(content)):
            if at == number:
                edit()
                break
        target.write_text(json.dumps(content), encoding="utf-8")
        yield what, judge.complaints

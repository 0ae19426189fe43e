"""The frozen sidecars, read by what was written from the page (tests/vectors/README.md)."""

import json

import pytest
from conftest import TESTS
from decryptor import Rejected
from sidecar import Message, Sidecar, decrypt, unwrap

CASES = json.loads((TESTS / "vectors/envelope/sidecar.json").read_text(encoding="utf-8"))


def test_there_are_messages_of_both_versions_signed_and_unsigned():
    assert {case["suite"].endswith(("P256", "P384")) for case in CASES} == {True, False}
    assert {bytes.fromhex(case["message"])[0] for case in CASES} == {1, 2}


@pytest.fixture(params=CASES, ids=lambda case: case["suite"])
def case(request):
    return request.param


def of(key):
    return bytes.fromhex(key["key"]), key["namespace"], key["name"]


def test_the_sidecar_opens_the_message(case):
    message, sidecar = bytes.fromhex(case["message"]), bytes.fromhex(case["sidecar"])
    for key in case["to"]:
        plaintext, data_key = decrypt(message, sidecar, *of(key))
        assert plaintext.hex() == case["plaintext"]
        assert data_key.hex() == case["data_key"]


def test_the_message_opens_without_it_as_before(case):
    message = Message(bytes.fromhex(case["message"]))
    data_key = unwrap(message.data_keys, *of(case["from"]), message.context)
    assert message.decrypt(data_key).hex() == case["plaintext"]


def test_an_altered_sidecar_does_not(case):
    message, sidecar = bytes.fromhex(case["message"]), bytes.fromhex(case["sidecar"])
    for at in range(len(sidecar)):
        altered = bytearray(sidecar)
        altered[at] ^= 1
        with pytest.raises((Rejected, UnicodeDecodeError)):
            decrypt(message, bytes(altered), *of(case["to"][-1]))
    for other in CASES:
        if other is not case:
            with pytest.raises(Rejected):
                Sidecar.parse(sidecar).check_message(Message(bytes.fromhex(other["message"])))

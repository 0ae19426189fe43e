"""Which key spec allows which usage and algorithm (core/src/key) is what AWS's documentation says, which the model has in prose."""

from __future__ import annotations

import re

import pytest
from comparison import Model
from test_facts import prose

# How the documentation of KeySpec names usages.
USAGES = {
    "encryption and decryption": "ENCRYPT_DECRYPT",
    "signing and verification": "SIGN_VERIFY",
    "deriving shared secrets": "KEY_AGREEMENT",
    "establishing shared secrets": "ENCAPSULATE_DECAPSULATE",
}
# Of each usage: the enumeration of its algorithms.
ALGORITHMS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithmSpec",
    "SIGN_VERIFY": "SigningAlgorithmSpec",
    "GENERATE_VERIFY_MAC": "MacAlgorithmSpec",
    "KEY_AGREEMENT": "KeyAgreementAlgorithmSpec",
    "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithmSpec",
}


@pytest.fixture(scope="module")
def specs(core: Model) -> dict[str, dict[str, list[str]]]:
    found = {spec["name"]: spec["usages"] for spec in core["keySpecs"]}
    assert found, "nothing was compared"
    return found


def test_specs(specs: dict[str, dict[str, list[str]]], aws: Model) -> None:
    assert set(specs) == set(aws["shapes"]["KeySpec"]["enum"])
    assert set(ALGORITHMS) == set(aws["shapes"]["KeyUsageType"]["enum"])


def test_usages(specs: dict[str, dict[str, list[str]]], aws: Model) -> None:
    """The list of key specs stands under titles, with the usages in brackets."""
    documentation = aws["shapes"]["CreateKeyRequest"]["members"]["KeySpec"]["documentation"]
    listed = documentation[documentation.index("supports the following key specs") :]
    usages: list[str] = []
    compared = set()
    for item in re.split(r"<li>", listed):
        # A title has no code, and an item nothing else before its brackets.
        spec = re.match(r"\s*<p>\s*<code>(\w+)</code>", item)
        text = prose(item)
        named = [usage for words, usage in USAGES.items() if words in text]
        if spec is None or (spec[1] not in specs):
            if "HMAC keys" in text:
                named = ["GENERATE_VERIFY_MAC"]
            elif "Symmetric encryption key" in text:
                named = ["ENCRYPT_DECRYPT"]
            usages = named or usages
            continue
        own = ["SIGN_VERIFY"] if "signing and verification only" in text.split("Note")[0] else usages
        assert set(specs[spec[1]]) == set(own), f"{spec[1]}: {text}"
        compared.add(spec[1])
        # The next title may stand at the end of the item before.
        titles = re.findall(r"</ul>\s*</li>.*", item, re.DOTALL)
        usages = [usage for words, usage in USAGES.items() if titles and words in prose(titles[0])] or usages
    assert compared == set(specs), f"not compared: {set(specs) - compared}"


def test_every_usage_has_algorithms_of_its_own(specs: dict[str, dict[str, list[str]]], aws: Model) -> None:
    used: dict[str, set[str]] = {usage: set() for usage in ALGORITHMS}
    for spec, usages in specs.items():
        for usage, algorithms in usages.items():
            assert algorithms, f"{spec} {usage}"
            used[usage] |= set(algorithms)
    for usage, enumeration in ALGORITHMS.items():
        # None is left out, and none is another usage's.
        assert used[usage] == set(aws["shapes"][enumeration]["enum"]), usage


def test_algorithms_fit_their_spec(specs: dict[str, dict[str, list[str]]], aws: Model) -> None:
    """By their names, which say the kind of key, and by the hash, which is as strong as the curve."""
    for spec, usages in specs.items():
        for algorithm in (name for names in usages.values() for name in names):
            family = {"RSAES": "RSA", "RSASSA": "RSA", "ECDSA": "ECC", "ED25519": "ECC", "ECDH": "ECC", "SM2DSA": "SM2", "SM2PKE": "SM2"}
            kind = algorithm.partition("_")[0]
            assert spec.startswith((family.get(kind, kind), "SM2" if algorithm == "ECDH" else "-")), f"{spec} {algorithm}"
    hashes = {"ECC_NIST_P256": "256", "ECC_SECG_P256K1": "256", "ECC_NIST_P384": "384", "ECC_NIST_P521": "512"}
    for spec, bits in hashes.items():
        assert specs[spec]["SIGN_VERIFY"] == [f"ECDSA_SHA_{bits}"]
    for bits in ("224", "256", "384", "512"):
        assert specs[f"HMAC_{bits}"] == {"GENERATE_VERIFY_MAC": [f"HMAC_SHA_{bits}"]}
    documentation = prose(aws["operations"]["Encrypt"]["documentation"])
    for spec in ("RSA_2048", "RSA_3072", "RSA_4096"):
        limits = documentation[documentation.index(spec) :]
        assert re.findall(r"RSAES_OAEP_SHA_\d+", limits)[:2] == specs[spec]["ENCRYPT_DECRYPT"]

"""What is in the package besides code."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pocketkms


def licences() -> dict[str, str]:
    """The files that the package declares as those of its licences."""
    package = distribution("pocketkms")
    files = {Path(file).name: file.read_text() for file in package.files or () if "licenses" in Path(file).parts}
    assert sorted(files) == sorted(package.metadata.get_all("License-File") or ())
    return files


def test_its_licences_and_those_of_what_is_compiled_into_it() -> None:
    found = licences()
    assert set(found) == {"LICENSE-APACHE", "LICENSE-MIT", "RUST-LIBRARY-NOTICES.html", "THIRD-PARTY-NOTICES.txt"}
    notices = found["THIRD-PARTY-NOTICES.txt"]
    listed = re.findall(r"^([a-z0-9_-]+ \d+\.\d+\.\S+)$", notices, re.MULTILINE)
    assert len(listed) > 50 and {"aws-lc-sys", "ring", "pyo3", "aes-gcm"} <= {crate.split()[0] for crate in listed}
    # Each of them carries a text at least.
    carrying = {crate for line in re.findall(r"^={120}\n(.+)\n={120}$", notices, re.MULTILINE) for crate in line.split(", ")}
    assert carrying == set(listed)
    for owner in ("Amazon.com, Inc.", "The OpenSSL Project", "Brian Smith", "the fiat-crypto authors"):
        assert owner in notices
    assert "Copyright notices for The Rust Standard Library" in found["RUST-LIBRARY-NOTICES.html"]


def test_aws_clients_are_an_extra_that_is_named_where_it_is_missing() -> None:
    program = "import sys; sys.modules['botocore'] = None; import pocketkms.boto3"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.endswith("ModuleNotFoundError: pocketkms.boto3 needs AWS's botocore: pip install 'pocketkms[boto3]'\n")


def test_its_version() -> None:
    assert pocketkms.__version__ == distribution("pocketkms").version
    assert re.fullmatch(r"\d+\.\d+\.\d+([a-z]+\d+)?", pocketkms.__version__)

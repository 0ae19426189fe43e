"""AWS's Python clients (boto3, botocore, aioboto3, aiobotocore) on a vault in this process.

`client` makes one boto3 client of one `Kms`. `install` answers the KMS clients that an app makes itself, without a changed line:

    with pocketkms.boto3.install(None, vault):
        kms = boto3.client("kms")

Requests are answered where botocore would send them (the method `_send` of endpoints), so that serializers, parsers, retries,
paginators, hooks and exceptions are botocore's own. No credentials are needed, nothing is signed, and nothing leaves the process.
"""

try:
    import botocore as _  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("pocketkms.boto3 needs AWS's botocore: pip install 'pocketkms[boto3]'", name=error.name) from error

from pocketkms.boto3._clients import client
from pocketkms.boto3._install import Installation, install
from pocketkms.boto3._places import NotInstalledError

# By the name that an app catches it by.
NotInstalledError.__module__ = __name__

__all__ = ["Installation", "NotInstalledError", "client", "install"]

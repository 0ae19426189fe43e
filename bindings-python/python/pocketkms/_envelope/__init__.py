"""The client of envelope messages."""

from __future__ import annotations

from typing import final

from pocketkms._envelope._files import Files
from pocketkms._envelope._reencrypting import Reencryption
from pocketkms._envelope._stored import StoredMessages
from pocketkms._envelope._streaming import Streams
from pocketkms._envelope._whole import WholeMessages

__all__ = ["EncryptionClient"]


@final
class EncryptionClient(WholeMessages, Streams, Files, StoredMessages, Reencryption):
    """Encrypts and decrypts messages of any size, in the message format of the AWS Encryption SDK.

    A message carries its data key in encrypted form, so that anyone who may use one of the wrapping keys can decrypt it,
    with this package or with AWS's. A keyring says which wrapping keys.

    The client holds settings and no keys. It may be used from several threads.
    """

    __slots__ = ()

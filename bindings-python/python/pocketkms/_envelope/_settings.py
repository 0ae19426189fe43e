"""What a client is made of."""

from __future__ import annotations

from pocketkms._generated import CommitmentPolicy
from pocketkms._native import Client


class Settings:
    """The settings, and what works with them. The methods stand in the classes above, by what they are for."""

    __slots__ = ("_client",)

    def __init__(
        self,
        *,
        commitment_policy: CommitmentPolicy | None = None,
        max_encrypted_data_keys: int | None = None,
        max_frame_length: int | None = None,
        max_unframed_length: int | None = None,
    ) -> None:
        """Settings for all messages.

        Args:
            commitment_policy: Which suites may be used, as to key commitment; `REQUIRE_ENCRYPT_REQUIRE_DECRYPT` if none
                is given.
            max_encrypted_data_keys: The most encrypted data keys of a message; 100 if none is given.
            max_frame_length: The longest frames that are decrypted, and encrypted, in bytes of plaintext; 64 MiB if none
                is given. A frame is kept in memory until it is whole.
            max_unframed_length: The longest unframed message that is decrypted, in bytes of plaintext; 64 MiB if none is
                given. It is kept in memory whole.
        """
        self._client = Client((commitment_policy, max_encrypted_data_keys, max_frame_length, max_unframed_length))

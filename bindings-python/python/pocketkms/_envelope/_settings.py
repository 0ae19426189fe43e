"""What a client is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pocketkms._generated import MessageClientOptions
from pocketkms._native import Client

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Settings:
    """The settings, and what works with them. The methods stand in the classes above, by what they are for."""

    __slots__ = ("_client",)

    def __init__(self, **options: Unpack[MessageClientOptions]) -> None:
        """Settings for all messages.

        Args:
            options: The settings, each by its name: see `MessageClientOptions`.
        """
        self._client = Client(options)

"""AWS KMS as a library: the same concepts, the same API, the same errors, in this process."""

from pocketkms import _generated, _messages, _streams
from pocketkms._envelope import EncryptionClient
from pocketkms._generated import *
from pocketkms._kms import Kms
from pocketkms._messages import *
from pocketkms._native import (
    CachingMaterialsManager,
    CallbackKeyring,
    Decryptor,
    Encryptor,
    HierarchicalKeyring,
    Keyring,
    KmsKeyring,
    ManualClock,
    MaterialsManager,
    MultiKeyring,
    RawAesKeyring,
    RawEcdhKeyring,
    RawRsaKeyring,
    RootKey,
)
from pocketkms._streams import *

__all__ = [
    "CachingMaterialsManager",
    "CallbackKeyring",
    "Decryptor",
    "EncryptionClient",
    "Encryptor",
    "HierarchicalKeyring",
    "Keyring",
    "Kms",
    "KmsKeyring",
    "ManualClock",
    "MaterialsManager",
    "MultiKeyring",
    "RawAesKeyring",
    "RawEcdhKeyring",
    "RawRsaKeyring",
    "RootKey",
]
__all__ += _generated.__all__
__all__ += _messages.__all__
__all__ += _streams.__all__

# A traceback says `pocketkms.NotFoundException`, the name to write in an `except`, and not where it happens to be.
for _exception in (KmsError, *ERRORS.values()):
    _exception.__module__ = __name__

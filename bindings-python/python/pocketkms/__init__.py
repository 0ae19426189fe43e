"""AWS KMS as a library: the same concepts, the same API, the same errors, in this process."""

from pocketkms import (
    _async_readers,
    _batch,
    _branch_keys,
    _clusters,
    _generated,
    _kms,
    _messages,
    _ranges,
    _readers,
    _streams,
    _vault,
    _writers,
)
from pocketkms._async_readers import *
from pocketkms._batch import *
from pocketkms._branch_keys import *
from pocketkms._clusters import *
from pocketkms._envelope import EncryptionClient
from pocketkms._generated import *
from pocketkms._kms import *
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
    Reencryptor,
    RewrapBatch,
    RootKey,
    XksHttpsTransport,
    XksRequest,
    __version__ as __version__,
    remove_abandoned,
)
from pocketkms._ranges import *
from pocketkms._readers import *
from pocketkms._streams import *
from pocketkms._vault import *
from pocketkms._writers import *

__all__ = [
    "CachingMaterialsManager",
    "CallbackKeyring",
    "Decryptor",
    "EncryptionClient",
    "Encryptor",
    "HierarchicalKeyring",
    "Keyring",
    "KmsKeyring",
    "ManualClock",
    "MaterialsManager",
    "MultiKeyring",
    "RawAesKeyring",
    "RawEcdhKeyring",
    "RawRsaKeyring",
    "Reencryptor",
    "RewrapBatch",
    "RootKey",
    "XksHttpsTransport",
    "XksRequest",
    "remove_abandoned",
]
__all__ += _async_readers.__all__
__all__ += _batch.__all__
__all__ += _branch_keys.__all__
__all__ += _clusters.__all__
__all__ += _generated.__all__
__all__ += _kms.__all__
__all__ += _messages.__all__
__all__ += _ranges.__all__
__all__ += _readers.__all__
__all__ += _streams.__all__
__all__ += _vault.__all__
__all__ += _writers.__all__

# A traceback says `pocketkms.NotFoundException`, the name to write in an `except`, and not where it happens to be.
for _exception in (KmsError, *ERRORS.values()):
    _exception.__module__ = __name__

"""AWS KMS as a library: the same concepts, the same API, the same errors, in this process."""

from pocketkms import _generated
from pocketkms._generated import *
from pocketkms._kms import Kms
from pocketkms._native import ManualClock, RootKey

__all__ = ["Kms", "ManualClock", "RootKey"]
__all__ += _generated.__all__

# A traceback says `pocketkms.NotFoundException`, the name to write in an `except`, and not where it happens to be.
for _exception in (KmsError, *ERRORS.values()):
    _exception.__module__ = __name__

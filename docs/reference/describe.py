"""Writes Python's reference into a folder. A warning of pdoc's is an error.

    describe.py FOLDER
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import pdoc
import pocketkms

warnings.simplefilter("error", UserWarning)

# The package says of its exceptions that they are `pocketkms.X`, for tracebacks. pdoc reads the docstrings of attributes in the source, and looks
# for it where a class says that it is.
for exception in vars(pocketkms).values():
    if isinstance(exception, type) and issubclass(exception, pocketkms.KmsError):
        exception.__module__ = "pocketkms._generated"

(folder,) = map(Path, sys.argv[1:])
pdoc.render.configure(docformat="google", show_source=False)
pdoc.pdoc("pocketkms", "pocketkms.boto3", output_directory=folder)

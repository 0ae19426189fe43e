"""Both models, each made once."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from botocore.loaders import Loader
from comparison import Model

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def core() -> Model:
    generate = [ROOT / "scripts/bindings-types", "json"]
    model: Model = json.loads(subprocess.run(generate, check=True, stdout=subprocess.PIPE).stdout)
    return model


@pytest.fixture(scope="module")
def aws() -> Model:
    # Without the user's search paths: ~/.aws/models may hold another model.
    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    model: Model = loader.load_service_model("kms", "service-2")
    return model

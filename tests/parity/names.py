"""How the languages name what is the same, and what of their sources is no part of the comparison."""

from __future__ import annotations

LANGUAGES = ("rust", "python", "typescript", "swift", "kotlin")

# Of UniFFI's runtime, of the platform's own types that ours add to, and of what each structure is built by.
NOT_COMPARED = (
    r"(Ffi|Uniffi|Rust)\w+",
    r"\w+Impl",
    r"(NoHandle|Disposable|T|Date|URL|Stream|InputStream|OutputStream|FileHandle|Pieces|ThrownHolder|Transform)",
    r"\w+(Request|Response|Options|Operations)",
    r"Builder(\..*)?",
    r"(CacheLimits|Limits|KeyringCallbacks|Client|Ranges)",
    # Enumerations, which the core describes.
    r"(AlgorithmSuite|CommitmentPolicy|ContentType|ClockTrust|EcdhCurveSpec|ErrorCategory|PaddingScheme|RewrapOutcome)(\..*)?",
    r"\w+\.(to_string|custom_mirror|description|debug_description|uniffi_\w+|make_async_iterator|base|start|destroy|to_json|cause)",
    r"\w+\.\w+\((no_handle|unsafe_from_handle|with_handle|handle|provider)\)",
    # How an object ends where the language has a way for it; that of a vault is compared.
    r"(?!Vault\b)\w+\.close",
    # What Swift's and Python's own protocols ask for.
    r"\w+\.(error_code|error_description|error_domain|error_user_info|push|end|readable|writable|seekable|readinto1?|read1|readall|readlines?|tell|seek|name)",
    r"(KmsInterface|Operations|Installation|NotInstalledError|BinaryReader|BinaryWriter|SeekableReader|Paged|Pages|ThrownError)(\..*)?",
    r"KmsError\.kms_(internal|invalid_\w+)",
    r"(KmsError|Kms|Vault|RangeReader)\.new(\(.*)?",
    # pocketkms.boto3 and pocketkms/aws-sdk are for AWS's own clients of the language; what undoes a batch's names is Swift's.
    r"\.(client|install|original|hidden|mirror|begins_like_message|model)(\(.*)?",
    r"\.(ffi_converter|uniffi_ensure).*",
)

_UNIFFI = {
    r"Keyring\.raw_aes\b": "RawAesKeyring.new",
    r"Keyring\.raw_rsa\b": "RawRsaKeyring.new",
    r"Keyring\.raw_rsa_pkcs1_despite_padding_oracles\b": "RawRsaKeyring.pkcs1_despite_padding_oracles",
    r"Keyring\.raw_ecdh\b": "RawEcdhKeyring.raw_private_key_to_static_public_key",
    r"Keyring\.raw_ecdh_ephemeral\b": "RawEcdhKeyring.ephemeral_private_key_to_static_public_key",
    r"Keyring\.raw_ecdh_discovery\b": "RawEcdhKeyring.public_key_discovery",
    r"Keyring\.multi\b": "MultiKeyring.new",
    r"Keyring\.callback\b": "CallbackKeyring.new",
    r"Keyring\.caching\b": "CachingMaterialsManager.new",
    r"Keyring\.(kms|kms_client)\b": "KmsKeyring.new",
    r"Keyring\.(kms_discovery|kms_client_discovery)\b": "KmsKeyring.discovery",
    r"Keyring\.hierarchical\w*": "HierarchicalKeyring.new",
    r"HierarchicalKeyring\.new\((branch_key_identifier|supplier)\)": "HierarchicalKeyring.new(branch_key_id)",
    r"HierarchicalKeyring\.new\(kms\)": "HierarchicalKeyring.new(source)",
    r"KmsKeyring\.(new|discovery)\(client\)": r"KmsKeyring.\1(kms)",
    r"KmsKeyring\.new\(additional_keys\)": "KmsKeyring.new(additional)",
    r"ErrorDetails\b": "KmsError",
    r"(PocketKMSError|PocketKmsException|KmsException)\b": "KmsError",
    r"EncryptionClient\.(\w+)_path\b": r"EncryptionClient.\1_file",
    r"RewrapBatch\.(\w+)_by_path\b": r"RewrapBatch.\1",
    r"\.(\w+)_by_path\b": r".\1",
}

# From a language's own name to the common one.
RENAMED: dict[str, dict[str, str]] = {
    "swift": _UNIFFI | {r"(\w+)\.(\w+)_file\(at\)": r"\1.\2_file(source)", r"(\w+)\.(\w+)_file\(to\)": r"\1.\2_file(destination)"},
    "kotlin": _UNIFFI,
    "typescript": {
        r"CallbackKeyring\.new\(callbacks\)": "CallbackKeyring.new(wrapper)",
        r"EncryptionClient\.(encrypt|decrypt|reencrypt)_stream\b": r"EncryptionClient.\1or",
        r"EncryptionClient\.(encryp|decryp|reencryp)tor": r"EncryptionClient.\1tor",
        r"(Kms|Vault)\.(closed|locked)": r"\1.is_\2",
        r"EncryptionStream\b": "Encryptor",
        r"DecryptionStream\b": "Decryptor",
    },
    "python": {
        r"(Kms|Vault)\.(closed|locked)": r"\1.is_\2",
        r"RootKey\.from_bytes\(key\)": "RootKey.from_bytes(bytes)",
        r"ManualClock\.advance\(by\)": "ManualClock.advance(seconds)",
        r"EncryptionClient\.reencrypt_file\(old\)": "EncryptionClient.reencrypt_file(source_keyring)",
        r"EncryptionClient\.reencrypt_file\(new\)": "EncryptionClient.reencrypt_file(destination_keyring)",
    },
    "rust": {
        r"(\w+)\.(\w+)\(manager\)": r"\1.\2(keyring)",
        r"(\w+)\.(\w+)\(root\)": r"\1.\2(root_key)",
        r"Error\b": "KmsError",
        r"KmsKeyring\.(new|discovery)\(client\)": r"KmsKeyring.\1(kms)",
        r"HierarchicalKeyring\.with_supplier": "HierarchicalKeyring.new",
        r"HierarchicalKeyring\.new\(supplier\)": "HierarchicalKeyring.new(branch_key_id)",
        r"BranchKeyMaterials\.version": "BranchKeyMaterials.branch_key_version",
        r"BranchKeySource\.(\w+)\(version\)": r"BranchKeySource.\1(branch_key_version)",
        r"RootKey\.from_passphrase_with_cost": "RootKey.from_passphrase",
        r"RootKey\.calibrated_to\(target\)": "RootKey.from_passphrase(seconds)",
        r"RootKey\.calibrated_to\(clock\)": "RootKey.from_passphrase(clock)",
        r"RootKey\.calibrated_to": "RootKey.from_passphrase",
        r"HostRootKey\.(\w+)": r"RootKey.\1",
        r"KmsKeyring\.(multi_region_discovery|discovery_with)": "KmsKeyring.discovery",
        r"RootKey\.with_max_cost\(max\)": "RootKey.from_passphrase(max_cost)",
        r"RootKey\.with_max_cost": "RootKey.from_passphrase",
        r"Caller\.account\b": "Caller.account_id",
        r"RootKey\.from_bytes\(key\)": "RootKey.from_bytes(bytes)",
        r"RootKey\.from_passphrase\(max\)": "RootKey.from_passphrase(max_cost)",
        r"DamagedRecord\.kind": "DamagedRecord.error",
        r"EncryptionClient\.(inspect|needs_rewrap)\(front\)": r"EncryptionClient.\1(message)",
        r"EncryptionClient\.(rewrap|range_reader)\(header\)": r"EncryptionClient.\1(message)",
        r"Vault\.client_as\b": "Vault.client",
        r"VaultBuilder\.create_in_memory": "Vault.in_memory",
        r"VaultBuilder\.(\w+)": r"Vault.\1",
        r"VaultFile\.(\w+)_file": r"Vault.\1",
        r"Backup\.backup": "Vault.backup",
        r"VaultBuilder": "Vault",
        r"Vault\.new\((\w+)\)": r"Vault.create(\1)",
        r"Vault\.new": "Vault.create",
    },
}

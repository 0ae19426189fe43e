"""The self-test of the comparison: each language's sources are understood, and a difference without a reason is reported."""

import unittest

import compare
import python_api
import typescript
import uniffi
from names import LANGUAGES
from surface import Surface

TYPESCRIPT = """
export declare class Agent {
  constructor(options?: ClientOptions);
  /** Encrypts. */
  encrypt(keyring: Keyring, options?: EncryptOptions): Promise<Encrypted>;
  private hidden: true;
}
export interface ClientOptions { maxKeys?: number | undefined; }
export interface EncryptOptions {
  /** The length; 64 KiB by default. */
  frameLength?: number | undefined;
}
"""
SWIFT = """
public protocol AgentProtocol: AnyObject {
    func encrypt(keyring: Keyring, options: EncryptOptions?) throws -> Encrypted
}
open class Agent: AgentProtocol, @unchecked Sendable {
public convenience init(maxKeys: UInt16? = nil) {}
open func `encrypt`(keyring: Keyring, options: EncryptOptions? = nil) throws -> Encrypted {}
}
public struct EncryptOptions {
    public var frameLength: UInt32?
    public init(/** The length; 64 KiB by default. */frameLength: UInt32? = nil) {}
}
"""
KOTLIN = """
public interface AgentInterface {
    @Throws(KmsException::class)fun `encrypt`(`keyring`: Keyring, `options`: EncryptOptions? = null): Encrypted
    companion object
}
open class Agent: Disposable, AgentInterface
{
    constructor(`maxKeys`: kotlin.UShort? = null) : this(1)
}
data class EncryptOptions (
    /** The length; 64 KiB by default. */
    var `frameLength`: kotlin.UInt? = null
)
"""
PYTHON = """
__all__ = ["Agent"]

class Agent:
    def __init__(self, *, max_keys: int | None = None) -> None: ...
    def encrypt(self, keyring: Keyring, **options: Unpack[EncryptOptions]) -> Encrypted:
        \"\"\"Encrypts.\"\"\"
    def _hidden(self) -> None: ...

class EncryptOptions(TypedDict, total=False):
    frame_length: int | None
    \"\"\"The length; 64 KiB by default.\"\"\"
"""
EXPECTED = {
    "Agent": None,
    "Agent.new": None,
    "Agent.new(max_keys)": None,
    "Agent.encrypt": None,
    "Agent.encrypt(keyring)": None,
    "Agent.encrypt(frame_length)": "64 KiB",
}


class Parity(unittest.TestCase):
    def python(self, text: str) -> Surface:
        import tempfile
        from pathlib import Path

        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "_native.pyi").touch()
            return python_api.surface(Path(folder), text)

    def test_each_language_is_understood(self) -> None:
        surfaces = {
            "python": self.python(PYTHON),
            "typescript": typescript.surface([TYPESCRIPT]),
            "swift": uniffi.surface([SWIFT], uniffi.SWIFT),
            "kotlin": uniffi.surface([KOTLIN], uniffi.KOTLIN),
        }
        for language, surface in surfaces.items():
            with self.subTest(language):
                self.assertEqual(compare.items(language, surface, set()), EXPECTED)


    def all(self, **changed: compare.Items) -> dict[str, compare.Items]:
        return {language: changed.get(language, dict(EXPECTED)) for language in LANGUAGES}

    def test_what_one_lacks_needs_a_reason(self) -> None:
        self.assertEqual(compare.judge(self.all(), ""), [])
        lacking = {name: stated for name, stated in EXPECTED.items() if name != "Agent.encrypt(frame_length)"}
        complaints = ["Agent.encrypt(frame_length): not in swift"]
        self.assertEqual(compare.judge(self.all(swift=lacking), ""), complaints)
        self.assertEqual(compare.judge(self.all(swift=lacking), "| `Agent.encrypt(*)` | swift | no frames |"), [])
        needless = ["differences.md: 'Agent.encrypt(*)' not in 'kotlin' is no difference any more"]
        self.assertEqual(compare.judge(self.all(swift=lacking), "| `Agent.encrypt(*)` | kotlin | no frames |"), complaints + needless)
        self.assertIn("has no reason", compare.judge(self.all(swift=lacking), "| `Agent.encrypt(*)` | swift | |")[0])

    def test_another_default_needs_a_reason(self) -> None:
        other = EXPECTED | {"Agent.encrypt(frame_length)": "256 KiB"}
        self.assertIn("stated defaults differ", compare.judge(self.all(typescript=other), "")[0])


if __name__ == "__main__":
    unittest.main()

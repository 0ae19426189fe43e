//! The exceptions.

use crate::{model::Model, prose::fill};

const BASE: &str = r#"
class KmsError(Exception):
    """The base of every exception of PocketKMS."""

    name: ClassVar[str]
    """The exception's name, as AWS writes it."""

    code: ClassVar[int]
    """A number that stays the same in every version and language."""

    http_status: ClassVar[int]
    """The HTTP status that AWS KMS answers with."""

    category: ClassVar[ErrorCategory]
    """What an app does about it."""

    message: str
    """What AWS would answer; safe to send to a caller. Empty when a ciphertext is refused, as in AWS KMS."""

    explanation: str | None
    """What went wrong in detail. For the developer only: never send it to a caller. A traceback shows it (from Python 3.11 on,
    as a note); `str`, `repr` and `args` do not."""

    causes: tuple[Exception, ...]
    """The exceptions that led to this one, one for each that was tried: the very ones that your own code raised, or such as this.
    The first is the `__cause__`, so that a traceback shows it."""

    attempts: tuple[Attempt, ...]
    """Of a message that could not be opened: each of its encrypted data keys, and why it was not decrypted."""

    def __init__(
        self,
        message: str,
        explanation: str | None = None,
        causes: Sequence[Exception] = (),
        attempts: Sequence[Attempt] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.explanation = explanation
        self.causes = tuple(causes)
        self.attempts = tuple(attempts)
        if self.causes:
            self.__cause__ = self.causes[0]
        add_note = getattr(self, "add_note", None)
        if explanation is not None and add_note is not None:
            add_note(explanation)

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name

    def __reduce__(self) -> tuple[Any, ...]:
        # With what `args` does not have.
        portable = {id(cause): _portable(cause) for cause in self.causes}
        causes = tuple(portable[id(cause)] for cause in self.causes)
        attempts = tuple(replace(attempt, error=portable.get(id(attempt.error), attempt.error)) for attempt in self.attempts)
        state = {**self.__dict__, "causes": causes, "attempts": attempts}
        return type(self), (self.message, self.explanation, causes, attempts), state

    def describe(self) -> str:
        """All that is known, in lines for a person who looks for the reason: the text, what this kind of error means, the
        explanation, and each cause in the same way. For the developer only, as the explanation."""
        meaning = " ".join((type(self).__doc__ or "").split())
        lines = [str(self), meaning]
        if self.explanation and self.explanation != meaning:
            lines.append(self.explanation)
        if not self.attempts:
            described = (cause.describe() if isinstance(cause, KmsError) else _text(cause) for cause in self.causes)
            lines += [f"Caused by {cause}" for cause in described]
        return "\n".join(lines)


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _portable(error: Exception) -> Exception:
    """An exception that can be pickled and read again: not every one of an app's own can."""
    if isinstance(error, KmsError):
        return error
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return KeyUnavailableException("", _text(error))
    return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An encrypted data key of a message that could not be opened, and why."""

    index: int
    """The number of the encrypted data key in the message, from 0 on."""

    provider_id: str
    """Which kind of keyring encrypted it: `aws-kms`, `aws-kms-hierarchy`, or the key namespace of a raw keyring."""

    key_name: str
    """The wrapping key's name: a key ARN, a branch key id, the key name of a raw keyring."""

    key_arn: str | None
    """The ARN of a KMS key."""

    error: Exception | None
    """Why it was not decrypted: one of the `causes`. `None` where no keyring is for this provider and key."""
"#;

pub(super) fn generate(model: &Model) -> String {
    let classes = model.errors.iter().map(|kind| {
        let (name, code, status, category) = (kind.name(), kind.code(), kind.http_status(), kind.category());
        let doc = fill(&format!("\"\"\"{}\"\"\"", kind.description()), "    ", "    ");
        format!("\n\nclass {name}(KmsError):\n{doc}\n\n    name = \"{name}\"\n    code = {code}\n    http_status = {status}\n    category = \"{category}\"\n")
    });
    let table = model.errors.iter().map(|kind| format!("    {}: {},\n", kind.code(), kind.name()));
    format!(
        "{BASE}{}\n\nERRORS: Mapping[int, type[KmsError]] = {{\n{}}}\n\"\"\"The class of each error code.\"\"\"\n",
        classes.collect::<String>(),
        table.collect::<String>(),
    )
}

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

    message: str
    """What AWS would answer; safe to send to a caller. Empty when a ciphertext is refused, as in AWS KMS."""

    explanation: str | None
    """What went wrong in detail. For the developer only: never send it to a caller."""

    cause: KmsError | None
    """The exception that led to this one; `__cause__` too, so that a traceback shows it."""

    def __init__(self, message: str, explanation: str | None = None, cause: KmsError | None = None) -> None:
        super().__init__(message, explanation, cause)
        self.message = message
        self.explanation = explanation
        self.cause = cause
        if cause is not None:
            self.__cause__ = cause

    def __str__(self) -> str:
        if self.explanation is None:
            return self.message
        return f"{self.message} ({self.explanation})" if self.message else self.explanation
"#;

pub(super) fn generate(model: &Model) -> String {
    let classes = model.errors.iter().map(|kind| {
        let (name, code, status) = (kind.name(), kind.code(), kind.http_status());
        let doc = fill(&format!("\"\"\"{}\"\"\"", kind.description()), "    ", "    ");
        format!("\n\nclass {name}(KmsError):\n{doc}\n\n    name = \"{name}\"\n    code = {code}\n    http_status = {status}\n")
    });
    let table = model.errors.iter().map(|kind| format!("    {}: {},\n", kind.code(), kind.name()));
    format!(
        "{BASE}{}\n\nERRORS: Mapping[int, type[KmsError]] = {{\n{}}}\n\"\"\"The class of each error code.\"\"\"\n",
        classes.collect::<String>(),
        table.collect::<String>(),
    )
}

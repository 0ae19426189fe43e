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
    """What went wrong in detail. For the developer only: never send it to a caller. A traceback shows it (from Python 3.11 on,
    as a note); `str`, `repr` and `args` do not."""

    causes: tuple[KmsError, ...]
    """The exceptions that led to this one, one for each that was tried. The first is the `__cause__`, so that a traceback shows it."""

    def __init__(self, message: str, explanation: str | None = None, causes: Sequence[KmsError] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.explanation = explanation
        self.causes = tuple(causes)
        if self.causes:
            self.__cause__ = self.causes[0]
        add_note = getattr(self, "add_note", None)
        if explanation is not None and add_note is not None:
            add_note(explanation)

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.message else self.name

    def __reduce__(self) -> tuple[Any, ...]:
        # With what `args` does not have.
        return type(self), (self.message, self.explanation, self.causes), self.__dict__
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

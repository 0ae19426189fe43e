//! The lists, as iterators over their pages.

use super::annotation::{self, Direction};
use crate::model::{Model, request_of, structure_of};
use pocketkms::shape::{Structure, Type};

const METHOD: &str = r#"
    def paginate(self, operation: str, /, **request: Any) -> Iterator[Any]:
        """The pages of a list, one after the other, as they are asked for.

        `for page in kms.paginate("list_keys", limit=100): ...`

        Args:
            operation: The name of a method that lists.
            request: Its arguments.
        """
        if operation not in PAGINATED:
            raise ValueError(f"these come in pages: {', '.join(PAGINATED)}")
        return _pages(getattr(self, operation), request)


def _pages(operation: Callable[..., Any], request: dict[str, Any]) -> Iterator[Any]:
    while True:
        page = operation(**request)
        yield page
        if not page.truncated:
            return
        request["marker"] = page.next_marker
"#;

pub(super) fn generate(model: &Model) -> String {
    let operations =
        model.operations.iter().map(|operation| (operation.method_name, request_of(operation), operation.response));
    let own = model.own_operations().map(|each| (each.method_name, structure_of(each.request), each.response));
    let lists: Vec<_> = operations.chain(own).filter(|(_, _, response)| comes_in_pages(*response)).collect();
    let names = lists.iter().map(|(name, ..)| format!("    \"{name}\",\n")).collect::<Vec<_>>().concat();
    let overloads = lists.iter().map(|(name, request, response)| overload(name, request, *response));
    format!(
        "\nPAGINATED = (\n{names})\n\"\"\"The methods that list page by page.\"\"\"\n\n\nclass Pages:\n    \
         \"\"\"The lists, page by page.\"\"\"\n\n    __slots__ = ()\n{}{METHOD}",
        overloads.collect::<String>(),
    )
}

fn comes_in_pages(response: Type) -> bool {
    matches!(response, Type::Structure(page) if page.members.iter().any(|member| member.name == "truncated"))
}

fn overload(name: &str, request: &Structure, response: Type) -> String {
    let parameters = request.members.iter().map(|member| {
        let default = if member.required { "" } else { " = None" };
        format!("        {}: {}{default},\n", member.name, annotation::of_member(member, Direction::In))
    });
    format!(
        "\n    @overload\n    def paginate(\n        self,\n        operation: Literal[\"{name}\"],\n        /,\n        \
         *,\n{}    ) -> Iterator[{}]: ...\n",
        parameters.collect::<String>(),
        annotation::of(response, Direction::Out),
    )
}

//! A whole page, in the layout that the registry's readers know from other providers.

use loki_provider::resource::{Parameter, Signature};
use loki_provider::schema::Block;

use super::schema::{kind, schema, tables};

/// What the pages of a kind have in common.
pub struct Kind {
    /// The folder below `docs` and `examples`.
    pub folder: &'static str,
    /// The name in headings.
    pub title: &'static str,
    /// The name of the example's file.
    pub example: &'static str,
}

pub const RESOURCE: Kind = Kind { folder: "resources", title: "Resource", example: "resource.tf" };
pub const DATA_SOURCE: Kind = Kind { folder: "data-sources", title: "Data Source", example: "data-source.tf" };
pub const EPHEMERAL: Kind =
    Kind { folder: "ephemeral-resources", title: "Ephemeral Resource", example: "ephemeral-resource.tf" };
pub const ACTION: Kind = Kind { folder: "actions", title: "Action", example: "action.tf" };
pub const LIST: Kind = Kind { folder: "list-resources", title: "List Resource", example: "list-resource.tfquery.hcl" };
pub const FUNCTION: Kind = Kind { folder: "functions", title: "Function", example: "function.tf" };

impl Kind {
    /// The path of the page of what has that name: the provider's prefix is dropped.
    pub fn path(&self, name: &str) -> String {
        format!("docs/{}/{}.md", self.folder, name.strip_prefix("loki_").unwrap_or(name))
    }

    /// The path of the example.
    pub fn example_path(&self, name: &str) -> String {
        format!("examples/{}/{name}/{}", self.folder, self.example)
    }
}

/// `docs/index.md`.
pub fn provider_page(block: &Block, example: Option<String>) -> String {
    page(
        ("Provider: Loki", "Loki Provider"),
        &[
            block.description.clone().into_owned(),
            section("Example Usage", "terraform", example),
            schema(&block.attributes),
        ],
    )
}

/// The page of something that has a schema, with what else there is to say.
pub fn page_of(of: &Kind, name: &str, block: &Block, example: Option<String>, more: &[String]) -> String {
    let parts = [
        block.description.clone().into_owned(),
        section("Example Usage", "terraform", example),
        schema(&block.attributes),
    ];
    page((&format!("{name} {} - loki", of.title), &format!("{name} ({})", of.title)), &[&parts, more].concat())
}

/// How a resource is imported: by its id, and by its identity.
pub fn import(command: Option<String>, by_identity: Option<String>, identity: &Block) -> String {
    let by_identity = by_identity.map(|example| {
        let example = example.trim_end();
        format!("With Terraform 1.12 or newer it is imported by its identity as well:\n\n```terraform\n{example}\n```")
    });
    let mut parts: Vec<_> = [section("Import", "shell", command)].into_iter().chain(by_identity).collect();
    parts.push(format!("### Identity Schema\n\n{}", identity.description));
    tables(&identity.attributes, "", "####", &mut parts);
    parts.join("\n\n")
}

/// `docs/functions/<name>.md`.
pub fn function_page(name: &str, signature: &Signature, example: Option<String>) -> String {
    let listed = |(at, it): (usize, &Parameter), variadic: &str| {
        format!("{at}. `{}` ({variadic}{}{}) {}", it.name, kind(&it.kind), nullable(it), it.description)
    };
    let parameters = signature.parameters.iter();
    let mut arguments: Vec<_> = (1..).zip(parameters.clone()).map(|it| listed(it, "")).collect();
    arguments.extend(signature.variadic.iter().map(|it| listed((signature.parameters.len() + 1, it), "Variadic, ")));
    let typed = |it: &Parameter| format!("{} {}", it.name, kind(&it.kind).to_lowercase());
    let mut written: Vec<_> = parameters.map(typed).collect();
    written.extend(signature.variadic.iter().map(|it| format!("{}...", typed(it))));
    let returns = kind(&signature.returns).to_lowercase();
    let arguments = if arguments.is_empty() { "None.".to_owned() } else { arguments.join("\n") };
    let deprecated = signature.deprecated.as_ref().map(|it| format!("**Deprecated:** {it}")).unwrap_or_default();
    page(
        (&format!("{name} Function - loki"), &format!("{name} (Function)")),
        &[
            format!("{}.", signature.summary.trim_end_matches('.')),
            signature.description.clone().into_owned(),
            deprecated,
            section("Example Usage", "terraform", example),
            format!("## Signature\n\n```text\n{name}({}) {returns}\n```", written.join(", ")),
            format!("## Arguments\n\n{arguments}"),
        ],
    )
}

fn nullable(parameter: &Parameter) -> &'static str {
    if parameter.allow_null { ", Nullable" } else { "" }
}

fn page((title, heading): (&str, &str), parts: &[String]) -> String {
    // The first paragraph alone: the registry shows it in its lists.
    let summary = parts[0].split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let front = format!("---\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {summary}\n---");
    let parts = parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty());
    let mut page = [front, format!("# {heading}")].into_iter().chain(parts).collect::<Vec<_>>().join("\n\n");
    page.push('\n');
    page
}

/// A heading with a block of code, or nothing without code.
fn section(heading: &str, language: &str, code: Option<String>) -> String {
    code.map(|code| format!("## {heading}\n\n```{language}\n{}\n```", code.trim_end())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use loki_provider::schema::{Attribute, Constraint, Type};

    use super::*;

    #[test]
    fn a_page_has_front_matter_and_what_there_is() {
        let block = Block { description: "Makes\na thing.\n\nMore of it.".into(), ..Block::default() };
        let (constraint, kind, description) = (Constraint::Required, Type::String, "Its name.".into());
        let name = Attribute { name: "name".into(), constraint, kind, description, ..Attribute::default() };
        let identity = Block { description: "Names it.".into(), attributes: vec![name].into(), ..Block::default() };
        let import = import(Some("terraform import loki_x.x id\n".into()), Some("import {}\n".into()), &identity);
        let page = page_of(&RESOURCE, "loki_x", &block, None, &[import]);
        let expected = r#"---
page_title: "loki_x Resource - loki"
subcategory: ""
description: |-
  Makes a thing.
---

# loki_x (Resource)

Makes
a thing.

More of it.

## Schema

## Import

```shell
terraform import loki_x.x id
```

With Terraform 1.12 or newer it is imported by its identity as well:

```terraform
import {}
```

### Identity Schema

Names it.

#### Required

- `name` (String) Its name.
"#;
        assert_eq!(page, expected);
        assert_eq!(LIST.path("loki_x"), "docs/list-resources/x.md");
        assert_eq!(ACTION.example_path("log_x"), "examples/actions/log_x/action.tf");
    }

    #[test]
    fn a_function_is_shown_by_its_signature() {
        let parameter = |name: &'static str| Parameter {
            name: name.into(),
            kind: Type::String,
            description: "A text.".into(),
            ..Parameter::default()
        };
        let signature = Signature {
            parameters: vec![Parameter { allow_null: true, ..parameter("separator") }],
            variadic: Some(parameter("texts")),
            returns: Type::List(Box::new(Type::String)),
            summary: "Joins".into(),
            ..Signature::default()
        };
        let page = function_page("joined", &signature, None);
        let expected = "# joined (Function)\n\nJoins.\n\n## Signature\n\n```text\njoined(separator string, texts \
                        string...) list of string\n```\n\n## Arguments\n\n1. `separator` (String, Nullable) A text.\n\
                        2. `texts` (Variadic, String) A text.\n";
        assert!(page.ends_with(expected), "{page}");
    }
}

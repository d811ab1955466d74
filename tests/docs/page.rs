//! A whole page, in the layout that the registry's readers know from other providers.

use loki_provider::schema::Block;

use super::schema::schema;

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

/// `docs/resources/<name>.md`.
pub fn resource_page(type_name: &str, block: &Block, example: Option<String>, import: Option<String>) -> String {
    page(
        (&format!("{type_name} Resource - loki"), &format!("{type_name} (Resource)")),
        &[
            block.description.clone().into_owned(),
            section("Example Usage", "terraform", example),
            schema(&block.attributes),
            section("Import", "shell", import),
        ],
    )
}

fn page((title, heading): (&str, &str), parts: &[String]) -> String {
    // The first paragraph alone: the registry shows it in its lists.
    let summary = parts[0].split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let front = format!("---\npage_title: \"{title}\"\nsubcategory: \"\"\ndescription: |-\n  {summary}\n---");
    let parts = parts.iter().map(|part| part.trim_end().to_owned()).filter(|part| !part.is_empty());
    let mut page = [front, format!("# {heading}")].into_iter().chain(parts).collect::<Vec<_>>().join("\n\n");
    page.push('\n');
    page
}

/// A heading with a block of code, or nothing without code.
fn section(heading: &str, language: &str, code: Option<String>) -> String {
    code.map(|code| format!("## {heading}\n\n```{language}\n{}\n```", code.trim_end())).unwrap_or_default()
}

#[test]
fn a_page_has_front_matter_and_what_there_is() {
    let block = Block { description: "Makes\na thing.\n\nMore of it.".into(), ..Block::default() };
    let page = resource_page("loki_x", &block, None, Some("terraform import loki_x.x id\n".to_owned()));
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
"#;
    assert_eq!(page, expected);
}

//! What the provider offers has an example, a page and a test.

use std::path::Path;

use loki_provider::resource::provider::Adapters;
use loki_provider::resource::{Offer, registry};
use loki_provider::{aws, kube};

use super::source::{files, root};

/// A kind of what is offered.
struct Kind {
    /// The folder below `docs` and `examples`.
    folder: &'static str,
    /// The files of an example.
    examples: &'static [&'static str],
    /// Where its tests are: terraform 1.11 reaches neither lists nor actions, so a raw client or a test of the resource
    /// itself does.
    tests: &'static [&'static str],
}

const RESOURCE: Kind = Kind {
    folder: "resources",
    examples: &["resource.tf", "import.sh", "import-by-identity.tf"],
    tests: &["tests/acceptance"],
};
const DATA_SOURCE: Kind = Kind { folder: "data-sources", examples: &["data-source.tf"], tests: &["tests/acceptance"] };
const EPHEMERAL: Kind =
    Kind { folder: "ephemeral-resources", examples: &["ephemeral-resource.tf"], tests: &["tests/acceptance"] };
const ACTION: Kind =
    Kind { folder: "actions", examples: &["action.tf"], tests: &["tests/acceptance", "tests/wire", "tests/kube"] };
const LIST: Kind = Kind {
    folder: "list-resources",
    examples: &["list-resource.tfquery.hcl"],
    tests: &["tests/acceptance/beyond.rs", "tests/wire", "tests/aws", "tests/kube"],
};
const FUNCTION: Kind = Kind { folder: "functions", examples: &["function.tf"], tests: &["tests/acceptance"] };

/// Everything that is offered, by kind and name.
fn offers() -> Vec<(&'static Kind, &'static str)> {
    fn named<T: Offer + ?Sized>(kind: &'static Kind, offers: &[Box<T>]) -> Vec<(&'static Kind, &'static str)> {
        offers.iter().flat_map(|it| it.names()).map(|name| (kind, name)).collect()
    }
    let it = registry(Adapters { aws: aws::connect, kube: kube::connect });
    [
        named(&RESOURCE, &it.resources),
        named(&DATA_SOURCE, &it.data_sources),
        named(&EPHEMERAL, &it.ephemeral_resources),
        named(&ACTION, &it.actions),
        named(&LIST, &it.list_resources),
        it.functions.iter().map(|it| (&FUNCTION, it.name())).collect(),
    ]
    .concat()
}

/// The names that the plugin room may not know. A function's is an ordinary word.
pub fn type_names() -> Vec<&'static str> {
    let named = offers().into_iter().filter(|(kind, _)| kind.folder != FUNCTION.folder);
    named.map(|(_, name)| name).collect()
}

/// What it lacks; `exists` looks up files, `tested` looks for the name in the tests of these places.
fn missing(
    kind: &Kind,
    name: &str,
    exists: &dyn Fn(&str) -> bool,
    tested: &dyn Fn(&[&str], &str) -> bool,
) -> Vec<String> {
    let folder = kind.folder;
    let examples = kind.examples.iter().map(|file| format!("examples/{folder}/{name}/{file}"));
    let page = format!("docs/{folder}/{}.md", name.strip_prefix("loki_").unwrap_or(name));
    let mut missing: Vec<_> = examples.chain([page]).filter(|path| !exists(path)).collect();
    if !tested(kind.tests, name) {
        missing.push(format!("a test of {name} ({folder}) in {}", kind.tests.join(" or ")));
    }
    missing
}

/// The texts of the tests in that file or folder.
fn tests(place: &Path) -> Vec<String> {
    let paths = match place.is_dir() {
        true => [".rs", ".tf"].iter().flat_map(|ending| files(place, ending)).collect(),
        false => vec![place.to_owned()],
    };
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn everything_that_is_offered_has_example_page_and_test() {
    let exists = |path: &str| root().join(path).is_file();
    let tested = |places: &[&str], name: &str| {
        places.iter().flat_map(|place| tests(&root().join(place))).any(|text| text.contains(name))
    };
    let missing: Vec<_> = offers().iter().flat_map(|(kind, name)| missing(kind, name, &exists, &tested)).collect();
    assert!(missing.is_empty(), "missing: {missing:#?}");
}

#[test]
fn what_is_missing_is_named() {
    let missing = missing(&RESOURCE, "loki_x", &|path| path.ends_with(".tf"), &|_, _| false);
    let expected = [
        "examples/resources/loki_x/import.sh",
        "docs/resources/x.md",
        "a test of loki_x (resources) in tests/acceptance",
    ];
    assert_eq!(missing, expected);
}

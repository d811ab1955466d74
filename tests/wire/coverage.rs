//! No RPC without a test.

use std::path::Path;

/// The RPCs of the protocol, as the generated client calls them.
fn rpcs(proto: &str) -> Vec<String> {
    let service = proto.split_once("service Provider {").expect("the service").1.split_once("\n}").unwrap().0;
    let names = service.lines().filter_map(|line| line.trim().strip_prefix("rpc ")?.split_once('('));
    names.map(|(name, _)| snake_case(name.trim())).collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

/// Whether the word stands in the text, by itself.
fn names(text: &str, word: &str) -> bool {
    text.split(|it: char| !it.is_alphanumeric() && it != '_').any(|it| it == word)
}

/// There are no state stores, so their RPCs are refused and no more.
fn is_refused_only(rpc: &str) -> bool {
    rpc.contains("state_store")
        || rpc.ends_with("state_bytes")
        || ["lock_state", "unlock_state", "get_states", "delete_state"].contains(&rpc)
}

#[test]
fn every_rpc_is_refused_by_one_test_and_served_by_another() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let proto = std::fs::read_to_string(root.join("proto/tfplugin6.proto")).unwrap();
    let rpcs = rpcs(&proto);
    assert!(rpcs.len() > 30 && rpcs.contains(&"plan_resource_change".to_owned()), "{rpcs:?}");
    let refusals = std::fs::read_to_string(root.join("tests/wire/every_rpc.rs")).unwrap();
    let others = std::fs::read_dir(root.join("tests/wire")).unwrap().map(|entry| entry.unwrap().path());
    let others = others.filter(|path| path.is_file() && !path.ends_with("every_rpc.rs"));
    let others: String = others.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let missing: Vec<_> = rpcs
        .iter()
        .flat_map(|rpc| {
            // A stop has nothing to refuse.
            let refused =
                (rpc != "stop_provider" && !names(&refusals, rpc)).then(|| format!("{rpc} in tests/wire/every_rpc.rs"));
            let served = (!is_refused_only(rpc) && !others.contains(&format!(".{rpc}(")))
                .then(|| format!("{rpc} in another file of tests/wire"));
            refused.into_iter().chain(served)
        })
        .collect();
    assert!(missing.is_empty(), "no test calls: {missing:#?}");
}

#[test]
fn rpcs_are_read_from_the_service_alone() {
    let proto = "rpc No(X)\nservice Provider {\n  // rpc Not(X)\n  rpc GetA(GetA.Request) returns (X);\n}\nrpc No(X)";
    assert_eq!(rpcs(proto), ["get_a"]);
    assert!(names("x { get_a }", "get_a") && !names("get_ab", "get_a"));
}

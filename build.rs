//! Generates the protocol's types and services from `proto/`.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let protos =
        ["proto/tfplugin6.proto", "proto/grpc_controller.proto", "proto/grpc_broker.proto", "proto/grpc_stdio.proto"];
    for proto in protos {
        println!("cargo:rerun-if-changed={proto}");
    }
    // Without comments: rustdoc would take the indented ones for examples, and test them.
    let mut messages = prost_build::Config::new();
    messages.disable_comments(["."]);
    // Clients are generated as well: the wire tests drive the server with them.
    // Ordered maps, so that the same schema always has the same bytes.
    tonic_build::configure().btree_map(["."]).compile_protos_with_config(messages, &protos, &["proto"])?;
    // Folds the many identical functions that the SDKs' generic code compiles to: a tenth of the binary.
    if std::env::var("TARGET").is_ok_and(|target| target == "x86_64-unknown-linux-gnu") {
        println!("cargo:rustc-link-arg-bins=-Wl,--icf=all");
    }
    Ok(())
}

//! Generates the protocol's types and services from `proto/`.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let protos =
        ["proto/tfplugin6.proto", "proto/grpc_controller.proto", "proto/grpc_broker.proto", "proto/grpc_stdio.proto"];
    for proto in protos {
        println!("cargo:rerun-if-changed={proto}");
    }
    // Clients are generated as well: the wire tests drive the server with them.
    tonic_build::configure().compile_protos(&protos, &["proto"])?;
    Ok(())
}

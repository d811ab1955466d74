//! The plugin protocol, driven as Terraform drives it: the real binary, its handshake, its socket, every RPC.

mod wire {
    mod certificate;
    mod every_rpc;
    mod fake;
    mod lifetime;
    mod log;
    mod phases;
    mod process;
    mod reattach;
    mod trust;
}

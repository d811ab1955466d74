//! The plugin protocol, driven as Terraform drives it: the real binary, its handshake, its socket, every RPC.

mod wire {
    mod action;
    mod certificate;
    mod contract;
    mod coverage;
    mod data_source;
    mod ephemeral;
    mod every_rpc;
    mod fake;
    mod function;
    mod identity;
    mod lifetime;
    mod list;
    mod load;
    mod log;
    mod movement;
    mod phases;
    mod process;
    mod reattach;
    mod said;
    mod trust;
    mod write_only;
}

//! The generated wire types; only the plugin room and the schema's conversions use them.
#![allow(missing_docs, clippy::all, clippy::pedantic)]

/// Terraform's plugin protocol, version 6.
pub mod tfplugin6 {
    tonic::include_proto!("tfplugin6");
}

/// go-plugin's own services: controller, broker and stdio.
pub mod goplugin {
    tonic::include_proto!("plugin");
}

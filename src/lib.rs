pub mod kube;
pub mod loki;

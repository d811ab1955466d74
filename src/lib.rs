pub mod loki;

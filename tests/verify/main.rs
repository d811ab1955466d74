//! The engine that judges Loki's configuration files, held to the real Loki: on a corpus with its verdicts, on what is
//! meant to break a reader, and, when asked, on fresh mutants beside the real one.

mod cases;
mod corpus;
mod fuzz;
mod hostile;
mod runner;

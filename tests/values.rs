//! The codec of values against the real go-cty: `make vectors` writes the vectors anew.

mod values {
    mod generate;
    mod judge;
    mod vectors;
}

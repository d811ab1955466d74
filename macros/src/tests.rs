use syn::parse_quote;

use super::*;

fn refusal(input: DeriveInput) -> String {
    expand(&input).map_or_else(|error| error.to_string(), |tokens| panic!("accepted: {tokens}"))
}

/// The refusal of a field with these attributes.
macro_rules! field {
    ($($attributes:tt)*) => {
        refusal(parse_quote! {
            struct Example {
                /// Text.
                #[attr($($attributes)*)]
                field: Value<String>,
            }
        })
    };
}

#[test]
fn attributes_that_contradict_each_other_are_refused() {
    assert!(field!().contains("is missing"));
    assert!(field!(sensitive).contains("is missing"));
    assert!(field!(required, optional).contains("neither optional"));
    assert!(field!(required, computed).contains("neither optional"));
    assert!(field!(required, default = "a").contains("neither optional"));
    assert!(field!(computed, default = "a").contains("no default"));
    assert!(field!(computed, replace).contains("does not replace"));
    assert!(field!(optional, computed, write_only).contains("configuration alone"));
    assert!(field!(optional, default = "a", write_only).contains("configuration alone"));
    assert!(field!(required, replace, write_only).contains("configuration alone"));
    assert!(field!(computed, write_only).contains("configuration alone"));
    assert!(field!(optional, never_null).contains("promises"));
    assert!(field!(optional, computed, prefix = "a").contains("promises"));
    assert!(field!(computed, never_null, prefix = "a").contains("nothing more"));
    assert!(field!(computed, prefix = "").contains("empty"));
    assert!(field!(required, deprecated = "Use another.").contains("cannot be deprecated"));
    assert!(field!(optional, deprecated = "").contains("empty"));
    assert!(field!(computed, forever).contains("never_null"));
}

#[test]
fn what_is_no_schema_is_refused() {
    assert!(
        refusal(parse_quote!(
            enum Example {}
        ))
        .contains("structs")
    );
    assert!(
        refusal(parse_quote!(
            struct Example(Value<String>);
        ))
        .contains("named fields")
    );
    let undocumented = parse_quote! {
        struct Example { #[attr(required)] name: Value<String> }
    };
    assert!(refusal(undocumented).contains("doc comment"));
    let number = parse_quote! {
        struct Example {
            /// Size.
            #[attr(computed, prefix = "1")]
            size: Value<Int>,
        }
    };
    assert!(refusal(number).contains("only a string"));
}

#[test]
fn what_makes_sense_is_declared() {
    let tokens = expand(&parse_quote! {
        /// Example.
        #[schematic(version = 2)]
        struct Example {
            /// Password.
            #[attr(optional, sensitive, write_only, deprecated = "Use `token`.")]
            password: Value<String>,
            /// ARN.
            #[attr(computed, prefix = "arn:")]
            arn: Value<String>,
            /// Id.
            #[attr(computed, never_null)]
            id: Value<String>,
            /// Size.
            #[attr(optional, computed, replace)]
            r#type: Value<String>,
        }
    });
    let text = tokens.unwrap().to_string();
    for part in ["VERSION : i64 = 2", "\"Use `token`.\"", "\"arn:\"", "OptionalComputed", "\"type\""] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

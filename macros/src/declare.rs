//! What a field declares, and what contradicts itself.

use quote::quote;
use syn::{Expr, Field, Ident, LitStr};

/// A field with its attributes.
pub struct Declared {
    pub name: Ident,
    pub ty: syn::Type,
    pub description: String,
    pub required: bool,
    pub optional: bool,
    pub computed: bool,
    pub replace: bool,
    pub sensitive: bool,
    pub write_only: bool,
    pub never_null: bool,
    pub prefix: Option<LitStr>,
    pub deprecated: Option<LitStr>,
    pub default: Option<Expr>,
}

pub fn declare(field: &Field) -> syn::Result<Declared> {
    let Some(name) = field.ident.clone() else {
        return Err(syn::Error::new_spanned(field, "a field needs a name"));
    };
    let mut it = Declared {
        name,
        ty: field.ty.clone(),
        description: doc(&field.attrs),
        required: false,
        optional: false,
        computed: false,
        replace: false,
        sensitive: false,
        write_only: false,
        never_null: false,
        prefix: None,
        deprecated: None,
        default: None,
    };
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("attr")) {
        attribute.parse_nested_meta(|meta| {
            match meta.path.get_ident().map(Ident::to_string).as_deref() {
                Some("required") => it.required = true,
                Some("optional") => it.optional = true,
                Some("computed") => it.computed = true,
                Some("replace") => it.replace = true,
                Some("sensitive") => it.sensitive = true,
                Some("write_only") => it.write_only = true,
                Some("never_null") => it.never_null = true,
                Some("prefix") => it.prefix = Some(meta.value()?.parse()?),
                Some("deprecated") => it.deprecated = Some(meta.value()?.parse()?),
                Some("default") => it.default = Some(meta.value()?.parse()?),
                _ => {
                    return Err(meta.error(
                        "required, optional, computed, replace, sensitive, write_only, never_null, prefix = \"…\", \
                         deprecated = \"…\" or default = …",
                    ));
                }
            }
            Ok(())
        })?;
    }
    // A user reads the description: an attribute without one is a defect, found here.
    if it.description.is_empty() {
        return Err(syn::Error::new_spanned(field, "an attribute needs a doc comment: it is its description"));
    }
    let refuse = |text| Err(syn::Error::new_spanned(field, text));
    match nonsense(&it) {
        Some(text) => refuse(text),
        None => Ok(it),
    }
}

/// Why the attributes of a field contradict each other.
fn nonsense(it: &Declared) -> Option<&'static str> {
    let (ty, sets) = (&it.ty, it.computed || it.default.is_some());
    let empty = |text: &Option<LitStr>| text.as_ref().is_some_and(|text| text.value().is_empty());
    let rules = [
        (
            !(it.required || it.optional || it.computed),
            "#[attr(required)], #[attr(optional)] or #[attr(computed)] is missing",
        ),
        (
            it.required && (it.optional || sets),
            "a required attribute is neither optional nor computed and has no default",
        ),
        (it.default.is_some() && !it.optional, "what only the provider sets has no default"),
        (it.computed && !it.optional && it.replace, "what only the provider sets does not replace the resource"),
        (
            it.write_only && (sets || it.replace),
            "a write-only attribute stands in the configuration alone: it is never computed, defaulted or compared",
        ),
        (
            (it.never_null || it.prefix.is_some()) && (it.optional || !it.computed),
            "never_null and prefix are promises about what only the provider sets: #[attr(computed)]",
        ),
        (it.never_null && it.prefix.is_some(), "what has a prefix is never null: never_null says nothing more"),
        (
            it.prefix.is_some() && quote!(#ty).to_string() != "Value < String >",
            "only a string begins with a prefix: Value<String>",
        ),
        (it.deprecated.is_some() && it.required, "what has to be set cannot be deprecated"),
        (empty(&it.deprecated) || empty(&it.prefix), "the text is empty"),
    ];
    rules.into_iter().find(|(broken, _)| *broken).map(|(_, text)| text)
}

/// The doc comment with its lines joined: Markdown, one leading space less.
pub fn doc(attributes: &[syn::Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                let text = text.value();
                Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
            }
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

pub fn field_name(field: &Declared) -> String {
    field.name.to_string().trim_start_matches("r#").to_owned()
}

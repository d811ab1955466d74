//! `#[derive(Schematic)]`: one struct declares a resource's schema, defaults, replacements and documentation.
//!
//! Attributes of a field: `required`, `optional`, `computed`, `replace`, `sensitive`, `default = expression`,
//! `write_only` (in the configuration alone), `deprecated = "what to do instead"`, and the promises of a computed
//! attribute while it is unknown: `never_null`, `prefix = "arn:"`.
//! Attribute of the struct: `#[schematic(version = 1)]`.

mod declare;

use declare::{Declared, declare, doc, field_name};
use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DeriveInput, Expr, Fields, LitInt, LitStr, parse_macro_input};

/// Derives `AttributeKind` and `Schematic`.
#[proc_macro_derive(Schematic, attributes(attr, schematic))]
pub fn derive(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(|error| error.to_compile_error()).into()
}

fn expand(input: &DeriveInput) -> syn::Result<Tokens> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(input, "Schematic is derived for structs"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(syn::Error::new_spanned(input, "Schematic needs named fields"));
    };
    let declared = fields.named.iter().map(declare).collect::<syn::Result<Vec<_>>>()?;
    let mut version: Option<LitInt> = None;
    for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("schematic")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("version") {
                version = Some(meta.value()?.parse()?);
                return Ok(());
            }
            Err(meta.error("unknown setting: version"))
        })?;
    }
    let version = version.map_or_else(|| quote!(0), |version| quote!(#version));
    let description = doc(&input.attrs);
    let ident = &input.ident;
    let krate = quote!(::loki_provider::schema);
    let attributes = declared.iter().map(|field| attribute(field, &krate));
    let defaults = declared.iter().map(|field| defaults(field, &krate));
    let computed = declared.iter().map(|field| computed(field, &krate));
    let replaced = declared.iter().map(|field| replaced(field, &krate));
    let encoded = declared.iter().map(|field| {
        let (name, text) = (&field.name, field_name(field));
        quote!((::std::borrow::Cow::Borrowed(#text), #krate::AttributeKind::to_cty(&self.#name)))
    });
    let decoded = declared.iter().map(|field| {
        let (name, text) = (&field.name, field_name(field));
        quote!(#name: fields.take(#text)?)
    });
    let stripped = declared.iter().map(|field| {
        let name = &field.name;
        if field.write_only {
            quote!(self.#name = #krate::Value::Null;)
        } else {
            quote!(#krate::AttributeKind::strip_write_only(&mut self.#name);)
        }
    });
    let settled = declared.iter().map(|field| {
        let name = &field.name;
        quote!(#krate::AttributeKind::settle(&mut self.#name);)
    });
    let visits = declared.iter().map(|field| {
        let (name, text) = (&field.name, field_name(field));
        let write_only = field.write_only.then(|| {
            quote! {
                if !self.#name.is_null() {
                    f(&path, #krate::Leaf::WriteOnly);
                }
            }
        });
        quote! {
            let mut path = at.clone();
            path.add_attribute(#text);
            #write_only
            #krate::AttributeKind::visit(&self.#name, &path, f);
        }
    });
    Ok(quote! {
        impl #krate::AttributeKind for #ident {
            fn to_cty(&self) -> #krate::Cty {
                #krate::Cty::Map(::std::collections::BTreeMap::from([#(#encoded),*]))
            }
            fn from_cty(value: #krate::Cty) -> ::core::result::Result<Self, #krate::DecodeError> {
                let mut fields = #krate::Fields::of(value)?;
                ::core::result::Result::Ok(Self { #(#decoded),* })
            }
            fn strip_write_only(&mut self) { #(#stripped)* }
            fn attribute_type() -> #krate::Type {
                #krate::Type::Nested(::std::borrow::Cow::Borrowed(<Self as #krate::Schematic>::attributes()))
            }
            fn fill_defaults(&mut self, config: ::core::option::Option<&Self>) { #(#defaults)* }
            fn mark_computed(&mut self, config: ::core::option::Option<&Self>) { #(#computed)* }
            fn replaced(
                prior: &Self,
                planned: &Self,
                at: &#krate::AttributePath,
                out: &mut ::std::vec::Vec<#krate::AttributePath>,
            ) { #(#replaced)* }
            fn settle(&mut self) { #(#settled)* }
            fn visit(
                &self,
                at: &#krate::AttributePath,
                f: &mut dyn FnMut(&#krate::AttributePath, #krate::Leaf),
            ) { #(#visits)* }
        }
        impl #krate::Schematic for #ident {
            const VERSION: i64 = #version;
            const DESCRIPTION: &'static str = #description;
            fn attributes() -> &'static [#krate::Attribute] {
                static ATTRIBUTES: ::std::sync::LazyLock<::std::vec::Vec<#krate::Attribute>> =
                    ::std::sync::LazyLock::new(|| ::std::vec![#(#attributes),*]);
                &ATTRIBUTES
            }
        }
    })
}

fn attribute(field: &Declared, krate: &Tokens) -> Tokens {
    let (name, ty, sensitive) = (field_name(field), &field.ty, field.sensitive);
    let mut description = field.description.clone();
    if let Some(default) = &field.default {
        description.push_str(&format!(" Defaults to `{}`.", quote!(#default)));
    }
    if field.replace {
        description.push_str(" Changing it replaces the resource.");
    }
    let text = |text: &Option<LitStr>| match text {
        Some(text) => quote!(::core::option::Option::Some(::std::borrow::Cow::Borrowed(#text))),
        None => quote!(::core::option::Option::None),
    };
    let (deprecated, prefix) = (text(&field.deprecated), text(&field.prefix));
    let (write_only, never_null) = (field.write_only, field.never_null);
    let constraint = match (field.required, field.optional, field.computed || field.default.is_some()) {
        (true, ..) => quote!(Required),
        (_, true, true) => quote!(OptionalComputed),
        (_, true, false) => quote!(Optional),
        _ => quote!(Computed),
    };
    quote! {
        #krate::Attribute {
            name: ::std::borrow::Cow::Borrowed(#name),
            kind: <#ty as #krate::AttributeKind>::attribute_type(),
            description: ::std::borrow::Cow::Borrowed(#description),
            constraint: #krate::Constraint::#constraint,
            sensitive: #sensitive,
            write_only: #write_only,
            deprecated: #deprecated,
            never_null: #never_null,
            prefix: #prefix,
        }
    }
}

fn defaults(field: &Declared, krate: &Tokens) -> Tokens {
    let name = &field.name;
    let own = field.default.as_ref().map(|default| {
        // Literals are typed here: an integer literal alone leaves inference nothing to go by.
        let value = match default {
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Int(number), .. }) => quote!(#krate::Int::Whole(#number)),
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => quote!(::std::string::String::from(#text)),
            other => quote!(#other),
        };
        quote! {
            // What the configuration leaves out takes the default, also where an older state holds another value.
            if config.is_none_or(|config| config.#name.is_null()) {
                self.#name = #krate::Value::Value(#value);
            }
        }
    });
    quote! {
        #own
        #krate::AttributeKind::fill_defaults(&mut self.#name, config.map(|config| &config.#name));
    }
}

fn computed(field: &Declared, krate: &Tokens) -> Tokens {
    let name = &field.name;
    let own = (field.computed && field.default.is_none()).then(|| {
        quote! {
            if self.#name.is_null() && config.is_none_or(|config| config.#name.is_null()) {
                self.#name = #krate::Value::Unknown;
            }
        }
    });
    quote! {
        #own
        #krate::AttributeKind::mark_computed(&mut self.#name, config.map(|config| &config.#name));
    }
}

fn replaced(field: &Declared, krate: &Tokens) -> Tokens {
    let (name, text) = (&field.name, field_name(field));
    if field.replace {
        return quote! {
            if prior.#name != planned.#name {
                let mut path = at.clone();
                path.add_attribute(#text);
                out.push(path);
            }
        };
    }
    quote! {
        let mut path = at.clone();
        path.add_attribute(#text);
        #krate::AttributeKind::replaced(&prior.#name, &planned.#name, &path, out);
    }
}

#[cfg(test)]
mod tests;

//! Every `.rs` file belongs to a crate: one that no `mod` declares is never compiled, tests among them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenTree};

use super::source::{group, ident, is_cfg_test, is_punct, parse, root, short, sources};

/// A module in a file of its own.
#[derive(Debug, PartialEq)]
pub struct Module {
    /// The names of the inline modules around it, and its own last.
    names: Vec<String>,
    /// The `#[path]`, if it has one.
    path: Option<String>,
    pub test: bool,
}

/// What the tokens of a file declare with `mod name;`.
pub fn declared(tokens: &[TokenTree]) -> Vec<Module> {
    let mut out = Vec::new();
    let (mut path, mut test) = (None, false);
    let mut at = 0;
    while at < tokens.len() {
        if is_punct(tokens.get(at), '#')
            && let Some(attribute) = group(tokens.get(at + 1), Delimiter::Bracket)
        {
            test |= is_cfg_test(&attribute);
            if ident(attribute.first()).as_deref() == Some("path") {
                path = attribute.get(2).map(|literal| literal.to_string().trim_matches('"').to_owned());
            }
            at += 2;
            continue;
        }
        if ident(tokens.get(at)).as_deref() == Some("mod")
            && let Some(name) = ident(tokens.get(at + 1))
        {
            if is_punct(tokens.get(at + 2), ';') {
                out.push(Module { names: vec![name], path: path.take(), test });
            } else if let Some(inside) = group(tokens.get(at + 2), Delimiter::Brace) {
                out.extend(declared(&inside).into_iter().map(|mut module| {
                    module.names.insert(0, name.clone());
                    module.test |= test;
                    module
                }));
            }
            at += 2;
        }
        let ends = group(tokens.get(at), Delimiter::Brace).is_some() || is_punct(tokens.get(at), ';');
        if ends {
            (path, test) = (None, false);
        }
        at += 1;
    }
    out
}

/// The file of a module that `of` declares. `is_root` tells whether `of` is the root of a crate.
fn file(of: &Path, is_root: bool, module: &Module) -> PathBuf {
    let folder = of.parent().unwrap();
    if let Some(path) = &module.path {
        let path = folder.join(path);
        // The same file by the same name, wherever it is declared.
        return path.canonicalize().unwrap_or(path);
    }
    let beside = is_root || of.file_stem().is_some_and(|stem| stem == "mod");
    let mut place = if beside { folder.to_owned() } else { of.with_extension("") };
    place.extend(&module.names);
    let (flat, nested) = (place.with_extension("rs"), place.join("mod.rs"));
    if nested.exists() { nested } else { flat }
}

/// The files of the crate with that root, and whether each is compiled for unit tests alone.
pub fn crate_files(of: &Path) -> Vec<(PathBuf, bool)> {
    let mut found = vec![(of.to_owned(), false)];
    let mut next = 0;
    while let Some((path, test)) = found.get(next).cloned() {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", short(&path)));
        for module in declared(&parse(&text)) {
            found.push((file(&path, next == 0, &module), test || module.test));
        }
        next += 1;
    }
    found
}

/// The roots of all crates: libraries, binaries, tests and benchmarks.
fn roots() -> Vec<PathBuf> {
    let mut roots: Vec<_> = ["src/lib.rs", "src/main.rs", "macros/src/lib.rs"].map(|it| root().join(it)).into();
    for entry in ["tests", "benches"].into_iter().flat_map(|folder| std::fs::read_dir(root().join(folder)).unwrap()) {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rs") {
            roots.push(path);
        } else if path.join("main.rs").exists() {
            roots.push(path.join("main.rs"));
        }
    }
    roots
}

#[test]
fn every_file_belongs_to_a_crate() {
    let known: BTreeSet<_> = roots().iter().flat_map(|root| crate_files(root)).map(|(path, _)| path).collect();
    let orphans: Vec<_> = sources().into_iter().filter(|path| !known.contains(path)).map(|path| short(&path)).collect();
    assert!(orphans.is_empty(), "no `mod` declares {orphans:?}: they are never compiled");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str], path: Option<&str>, test: bool) -> Module {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Module { names, path: path.map(str::to_owned), test }
    }

    #[test]
    fn declarations_are_found() {
        let text = r#"
            //! mod not_me;
            mod a;
            pub(crate) mod b;
            #[cfg(test)]
            mod tests { mod c; }
            #[cfg(test)] #[path = "d_tests.rs"] mod d;
            mod e { fn f() { "mod no;" } mod g; }
            mod h;
        "#;
        let expected = [
            named(&["a"], None, false),
            named(&["b"], None, false),
            named(&["tests", "c"], None, true),
            named(&["d"], Some("d_tests.rs"), true),
            named(&["e", "g"], None, false),
            named(&["h"], None, false),
        ];
        assert_eq!(declared(&parse(text)), expected);
    }

    #[test]
    fn files_are_where_rust_looks_for_them() {
        let of = |of: &str, is_root, module: &Module| file(Path::new(of), is_root, module).display().to_string();
        assert_eq!(of("src/lib.rs", true, &named(&["a"], None, false)), "src/a.rs");
        assert_eq!(of("src/a.rs", false, &named(&["b"], None, false)), "src/a/b.rs");
        assert_eq!(of("tests/wire.rs", true, &named(&["wire", "log"], None, false)), "tests/wire/log.rs");
        assert_eq!(of("src/a.rs", false, &named(&["t"], Some("a/t.rs"), true)), "src/a/t.rs");
    }
}

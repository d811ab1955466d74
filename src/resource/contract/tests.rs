//! Each rule finds what breaks it and lets pass what does not.

use std::collections::BTreeMap;

use super::*;
use crate::schema::{Attribute, AttributePathStep, Bound, Constraint, Dynamic, Refinement};

fn attribute(name: &'static str, kind: Type, constraint: Constraint) -> Attribute {
    Attribute { name: name.into(), kind, constraint, ..Attribute::default() }
}

fn nested(attributes: Vec<Attribute>) -> Type {
    Type::Nested(attributes.into())
}

fn boxed(kind: Type) -> Box<Type> {
    Box::new(kind)
}

/// An object with one attribute of each kind of constraint, and that object in all nestings.
fn kind() -> Type {
    let inner = || {
        nested(vec![
            attribute("size", Type::Number, Constraint::Required),
            attribute("class", Type::String, Constraint::OptionalComputed),
            attribute("id", Type::String, Constraint::Computed),
        ])
    };
    let password = Attribute { write_only: true, ..attribute("password", Type::String, Constraint::Optional) };
    nested(vec![
        attribute("name", Type::String, Constraint::Required),
        attribute("zone", Type::String, Constraint::Optional),
        attribute("mode", Type::String, Constraint::OptionalComputed),
        attribute("arn", Type::String, Constraint::Computed),
        password,
        attribute("one", inner(), Constraint::Optional),
        attribute("list", Type::List(boxed(inner())), Constraint::Optional),
        attribute("set", Type::Set(boxed(inner())), Constraint::Optional),
        attribute("map", Type::Map(boxed(inner())), Constraint::Optional),
        attribute("tags", Type::Map(boxed(Type::String)), Constraint::Optional),
        attribute("zones", Type::Set(boxed(Type::String)), Constraint::Optional),
        attribute("any", Type::Dynamic, Constraint::Optional),
    ])
}

fn text(text: &str) -> Cty {
    Cty::String(text.to_owned())
}

fn map<const N: usize>(members: [(&'static str, Cty); N]) -> Cty {
    Cty::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn list<const N: usize>(elements: [Cty; N]) -> Cty {
    Cty::List(elements.into())
}

/// The object with these members; the others are null.
fn object<const N: usize>(members: [(&'static str, Cty); N]) -> Cty {
    let kind = kind();
    let (_, attributes) = kind.nested().unwrap();
    let mut all: BTreeMap<_, _> = attributes.iter().map(|it| (it.name.clone(), Cty::Null)).collect();
    for (name, value) in [("name", text("a"))].into_iter().chain(members) {
        assert!(all.insert(name.into(), value).is_some(), "{name}");
    }
    Cty::Map(all)
}

fn inner(size: i64, class: Cty, id: Cty) -> Cty {
    map([("size", Cty::Number(size.into())), ("class", class), ("id", id)])
}

/// An element as it is configured, and as it is planned at first.
fn configured(size: i64) -> Cty {
    inner(size, Cty::Null, Cty::Null)
}

fn filled(size: i64) -> Cty {
    inner(size, text("ssd"), Cty::UNKNOWN)
}

fn starting(prefix: &'static str) -> Cty {
    Cty::refined(Refinement { null: Some(false), prefix: Some(prefix.into()), ..Refinement::default() })
}

#[track_caller]
fn passes(violations: Violations) {
    assert_eq!(violations, Violations::default());
}

/// Asserts one violation, at that path and with that in its text.
#[track_caller]
fn breaks(violations: Violations, path: &str, why: &str) {
    let [(at, text)] = &violations.0[..] else { panic!("{violations:?}") };
    assert!(at.to_string() == path && text.contains(why), "{violations:?}");
}

fn planned_for(prior: &Cty, config: &Cty, plan: &Cty) -> Violations {
    planned(&kind(), prior, config, plan, &[])
}

fn created(config: &Cty, plan: &Cty) -> Violations {
    planned_for(&Cty::Null, config, plan)
}

#[test]
fn a_plan_keeps_what_is_configured() {
    let config = object([("zone", text("b"))]);
    passes(created(&config, &object([("zone", text("b")), ("mode", text("m")), ("arn", Cty::UNKNOWN)])));
    breaks(created(&config, &object([("zone", text("c"))])), "zone", "neither the configuration's");
    breaks(created(&config, &object([])), "zone", "neither the configuration's");
    breaks(created(&config, &object([("zone", Cty::UNKNOWN)])), "zone", "neither the configuration's");
    breaks(created(&object([]), &object([("zone", text("b"))])), "zone", "neither configured nor computed");
    breaks(created(&config, &Cty::Null), "", "not planned");
}

#[test]
fn a_plan_may_keep_what_was_before_where_both_are_set() {
    let (before, config) = (object([("zone", text("B"))]), object([("zone", text("b"))]));
    passes(planned_for(&before, &config, &before));
    breaks(planned_for(&before, &object([]), &before), "zone", "neither configured nor computed");
    breaks(planned_for(&object([]), &config, &object([])), "zone", "neither the configuration's");
}

#[test]
fn a_plan_knows_no_more_than_its_configuration() {
    let config = object([("zone", Cty::UNKNOWN), ("mode", Cty::UNKNOWN)]);
    passes(created(&config, &config));
    passes(created(&config, &object([("zone", starting("eu-")), ("mode", Cty::UNKNOWN)])));
    let guessed = object([("zone", text("b")), ("mode", Cty::UNKNOWN)]);
    breaks(created(&config, &guessed), "zone", "not known yet");
    let whole = object([("list", Cty::UNKNOWN)]);
    passes(created(&whole, &whole));
    breaks(created(&whole, &object([("list", list([]))])), "list", "not known yet");
    breaks(created(&object([("list", list([]))]), &whole), "list", "does not know what");
    // Unknown elements of a set have no order.
    let zones = |a, b| object([("zones", list([a, b]))]);
    passes(created(&zones(Cty::UNKNOWN, starting("eu-")), &zones(starting("us-"), Cty::UNKNOWN)));
}

#[test]
fn a_write_only_value_is_in_no_answer() {
    let config = object([("password", text("hunter2"))]);
    passes(created(&config, &object([])));
    breaks(created(&config, &config), "password", "write-only");
    breaks(stored(&kind(), &config), "password", "write-only");
    breaks(applied(&kind(), &object([]), &config), "password", "write-only");
}

#[test]
fn nested_attributes_are_checked_in_every_nesting() {
    let keyed = |value| map([("k", value)]);
    type Nest = fn(Cty) -> Cty;
    let nestings: [(&'static str, &str, Nest); 3] =
        [("one", "one", |it| it), ("list", "list[0]", |it| list([it])), ("map", "map[\"k\"]", |it| map([("k", it)]))];
    for (name, path, nest) in nestings {
        let config = object([(name, nest(configured(1)))]);
        passes(created(&config, &object([(name, nest(filled(1)))])));
        breaks(created(&config, &object([(name, nest(filled(2)))])), &format!("{path}.size"), "neither");
        breaks(created(&config, &object([])), name, "leaves out");
        breaks(created(&object([]), &config), name, "neither configured nor computed");
        let kept = object([(name, nest(filled(1)))]);
        passes(planned_for(&kept, &config, &kept));
    }
    let config = object([("list", list([configured(1)]))]);
    breaks(created(&config, &object([("list", list([filled(1), filled(1)]))])), "list", "number of elements");
    let config = object([("map", keyed(configured(1)))]);
    breaks(created(&config, &object([("map", map([("l", filled(1))]))])), "map", "other keys");
}

#[test]
fn elements_of_a_planned_set_go_with_the_configured_ones() {
    let set = |elements: Vec<Cty>| object([("set", Cty::set(elements))]);
    let config = set(vec![configured(1), configured(2)]);
    passes(created(&config, &set(vec![filled(2), filled(1)])));
    breaks(created(&config, &set(vec![filled(1), filled(3)])), "set", "goes with none");
    // Filled in and known, both are one element: Terraform counts.
    let known = inner(1, text("ssd"), text("i"));
    breaks(created(&config, &set(vec![known])), "set", "number of elements");
    // The class that it had before may stay, whatever the configuration says now.
    let (before, wanted) = (inner(1, text("SSD"), text("i")), inner(1, text("ssd"), Cty::Null));
    passes(planned_for(&set(vec![before.clone()]), &set(vec![wanted.clone()]), &set(vec![before.clone()])));
    breaks(created(&set(vec![wanted]), &set(vec![before])), "set", "goes with none");
}

#[test]
fn answers_are_of_the_schemas_type() {
    let short = match object([]) {
        Cty::Map(mut members) => {
            members.remove("arn");
            Cty::Map(members)
        }
        _ => unreachable!(),
    };
    for (value, path) in [
        (short, ""),
        (object([("zone", Cty::Bool(true))]), "zone"),
        (object([("tags", list([]))]), "tags"),
        (object([("list", list([map([])]))]), "list[0]"),
        (object([("any", text("untyped"))]), "any"),
    ] {
        breaks(stored(&kind(), &value), path, "not of the schema's type");
        breaks(created(&object([]), &value), path, "not of the schema's type");
    }
    let any = Cty::Dynamic(Box::new(Dynamic { kind: Type::Tuple(vec![Type::Bool]), value: list([Cty::Bool(true)]) }));
    passes(stored(&kind(), &object([("any", any)])));
    let any = Cty::Dynamic(Box::new(Dynamic { kind: Type::Tuple(vec![Type::Bool]), value: list([]) }));
    breaks(stored(&kind(), &object([("any", any)])), "any", "not of the schema's type");
}

#[test]
fn a_replacement_is_asked_for_by_a_path_that_exists() {
    let root = AttributePath::new;
    let (before, plan) = (object([("list", list([filled(1)]))]), object([("tags", map([("k", text("v"))]))]));
    let asked = |path: AttributePath| {
        let config = object([("tags", map([("k", text("v"))]))]);
        planned(&kind(), &before, &config, &plan, &[path])
    };
    for path in [root("name"), root("list").index(0).attribute("size"), root("tags").key("k"), root("one")] {
        passes(asked(path));
    }
    for path in [
        root("nothing"),
        root("list").index(1),
        root("tags").key("l"),
        root("set").index(0),
        root("one").attribute("size"),
        root("name").attribute("size"),
        AttributePath::root(),
    ] {
        breaks(asked(path.clone()), &path.to_string(), "does not exist");
    }
}

#[test]
fn a_destruction_is_planned_as_null() {
    passes(planned_for(&object([]), &Cty::Null, &Cty::Null));
    breaks(planned_for(&object([]), &Cty::Null, &object([])), "", "to be destroyed");
}

#[test]
fn a_result_has_every_known_value_of_its_plan() {
    let plan = object([("arn", starting("arn:")), ("mode", Cty::UNKNOWN), ("tags", map([("k", text("v"))]))]);
    let result =
        |arn: &str, v: &str| object([("arn", text(arn)), ("mode", Cty::Null), ("tags", map([("k", text(v))]))]);
    let done = |actual: &Cty| applied(&kind(), &plan, actual);
    passes(done(&result("arn:a", "v")));
    breaks(done(&result("arn:a", "w")), "tags[\"k\"]", "another one than planned");
    breaks(done(&result("a", "v")), "arn", "not of those that the plan announced");
    breaks(done(&object([("arn", starting("arn:"))])), "arn", "unknown, where all must be known");
    breaks(done(&Cty::Null), "", "not there");
    breaks(applied(&kind(), &Cty::Null, &result("arn:a", "v")), "", "still there");
    passes(applied(&kind(), &Cty::Null, &Cty::Null));
    for (before, after, path, why) in [
        (object([("zone", text("b"))]), object([]), "zone", "gone"),
        (object([]), object([("zone", text("b"))]), "zone", "had none"),
        (object([("list", list([]))]), object([("list", list([configured(1)]))]), "list", "number of elements"),
        (
            object([("list", list([configured(1)]))]),
            object([("list", list([configured(2)]))]),
            "list[0].size",
            "another",
        ),
        (object([("tags", map([]))]), object([("tags", map([("k", text("v"))]))]), "tags", "other keys"),
    ] {
        breaks(applied(&kind(), &before, &after), path, why);
    }
}

#[test]
fn sets_may_shrink_to_what_is_equal_once_it_is_known_but_never_grow() {
    let set = |elements: Vec<Cty>| object([("zones", Cty::set(elements))]);
    let plan = set(vec![text("a"), Cty::UNKNOWN]);
    let done = |elements| applied(&kind(), &plan, &set(elements));
    passes(done(vec![text("a"), text("b")]));
    passes(done(vec![text("a")]));
    breaks(done(vec![text("b")]), "zones", "goes with none");
    breaks(done(vec![text("a"), text("b"), text("c")]), "zones", "more elements");
}

#[test]
fn what_is_known_of_unknowns_holds() {
    let bounds = Refinement {
        null: Some(false),
        min: Some(Bound { number: 1_i64.into(), inclusive: true }),
        max: Some(Bound { number: 5_i64.into(), inclusive: false }),
        ..Refinement::default()
    };
    let mut found = Vec::new();
    for number in [0_i64, 1, 4, 5] {
        let mut out = Violations::default();
        let actual = Cty::Number(number.into());
        apply::completes(&Type::Number, &Cty::refined(bounds.clone()), &actual, &At::ROOT, &mut out);
        found.push(out.is_empty());
    }
    assert_eq!(found, [false, true, true, false]);
    breaks(applied(&kind(), &object([("arn", starting("arn:"))]), &object([])), "arn", "announced");
}

#[test]
fn what_is_stored_is_known() {
    passes(stored(&kind(), &object([("list", list([inner(1, Cty::Null, text("i"))]))])));
    breaks(stored(&kind(), &object([("list", list([filled(1)]))])), "list[0].id", "unknown");
}

#[test]
fn two_plans_of_one_change_agree() {
    let plan = |zone, arn| object([("zone", zone), ("arn", arn)]);
    let again = |first: &Cty, second: &Cty| planned_again(&kind(), &Cty::Null, (first, false), (second, false));
    let first = plan(text("b"), Cty::UNKNOWN);
    passes(again(&first, &first));
    passes(again(&first, &plan(text("b"), text("arn:a"))));
    breaks(again(&first, &plan(text("c"), Cty::UNKNOWN)), "zone", "another one");
    let (prior, update) = (plan(text("a"), Cty::Null), plan(text("b"), Cty::Null));
    let action = planned_again(&kind(), &prior, (&update, false), (&update, true));
    breaks(action, "", "another action");
    let unknown = plan(Cty::UNKNOWN, Cty::Null);
    passes(planned_again(&kind(), &update, (&unknown, false), (&update, false)));
    let begun = planned_again(&kind(), &update, (&update, false), (&update, true));
    breaks(begun, "", "another action");
}

#[test]
fn an_identity_is_complete_known_and_stays() {
    let kind = nested(vec![
        attribute("region", Type::String, Constraint::Optional),
        attribute("bucket", Type::String, Constraint::Required),
    ]);
    let of = |bucket| map([("region", Cty::Null), ("bucket", bucket)]);
    let check = |before: &Cty, after: &Cty, rule| identity(&kind, before, after, rule);
    let (a, b) = (of(text("a")), of(text("b")));
    for rule in [Identity::Planned, Identity::Lasting] {
        passes(check(&Cty::Null, &a, rule));
        passes(check(&a, &a, rule));
        passes(check(&Cty::Null, &Cty::Null, rule));
        breaks(check(&Cty::Null, &of(Cty::Null), rule), "bucket", "missing");
        breaks(check(&Cty::Null, &text("a"), rule), "", "schema's type");
    }
    passes(check(&a, &b, Identity::Planned));
    passes(check(&Cty::Null, &of(Cty::UNKNOWN), Identity::Planned));
    breaks(check(&a, &b, Identity::Lasting), "bucket", "another one than before");
    breaks(check(&a, &Cty::Null, Identity::Lasting), "", "gone");
    breaks(check(&Cty::Null, &of(Cty::UNKNOWN), Identity::Lasting), "bucket", "unknown");
    passes(check(&of(Cty::UNKNOWN), &a, Identity::Lasting));

    passes(listed(&kind, &a, &super::tests::kind(), &Cty::Null));
    passes(listed(&kind, &a, &super::tests::kind(), &object([])));
    breaks(listed(&kind, &Cty::Null, &super::tests::kind(), &object([])), "", "without an identity");
    breaks(listed(&kind, &a, &super::tests::kind(), &object([("arn", Cty::UNKNOWN)])), "arn", "unknown");
}

#[test]
fn a_lookup_keeps_its_configuration_and_is_known() {
    let config = object([("zone", text("b"))]);
    let read = |actual: &Cty| result(&kind(), &config, actual);
    passes(read(&object([("zone", text("b")), ("arn", text("arn:a")), ("mode", text("m"))])));
    breaks(read(&object([("zone", text("c"))])), "zone", "neither the configuration's");
    breaks(read(&object([("zone", text("b")), ("arn", Cty::UNKNOWN)])), "arn", "unknown");
    breaks(read(&Cty::Null), "", "null");
}

#[test]
fn a_function_returns_its_type_and_what_is_known_of_known_arguments() {
    let of = Type::List(boxed(Type::String));
    passes(returned(&of, true, &list([text("b")])));
    passes(returned(&of, false, &Cty::UNKNOWN));
    breaks(returned(&of, true, &list([Cty::UNKNOWN])), "[0]", "unknown");
    breaks(returned(&of, true, &text("b")), "", "schema's type");
}

#[test]
fn a_generated_configuration_has_nothing_computed() {
    passes(generated(&kind(), &object([("one", configured(1)), ("mode", text("m"))])));
    breaks(generated(&kind(), &object([("arn", text("arn:a"))])), "arn", "computed");
    let deep = object([("one", inner(1, Cty::Null, text("i")))]);
    breaks(generated(&kind(), &deep), "one.id", "computed");
}

#[test]
fn a_violation_is_told_with_its_place_and_without_values() {
    let mut report = Diagnostics::default();
    created(&object([("zone", text("hunter2"))]), &object([("zone", text("hunter3"))])).report("the plan", &mut report);
    let [error] = &report.errors[..] else { panic!("{report:?}") };
    assert_eq!(error.attribute.steps, [AttributePathStep::Attribute("zone".into())]);
    assert!(error.detail.contains("at zone") && !error.detail.contains("hunter"), "{error:?}");
    let many: Vec<Cty> = (0..100).map(configured).collect();
    let other: Vec<Cty> = (100..200).map(configured).collect();
    let violations = created(&object([("list", Cty::List(many))]), &object([("list", Cty::List(other))]));
    assert_eq!(violations.0.len(), TOLD);
}

#[test]
fn what_is_known_of_unknowns_comes_back() {
    let refined = |size| inner(size, starting("s"), Cty::Null);
    let dropped = |size| inner(size, Cty::UNKNOWN, Cty::UNKNOWN);
    let from = object([
        ("zone", starting("eu-")),
        ("one", refined(1)),
        ("list", list([refined(1), Cty::UNKNOWN])),
        ("map", map([("k", refined(1))])),
        ("set", list([refined(2), refined(1)])),
        ("zones", list([starting("eu-"), text("a")])),
    ]);
    let mut plan = object([
        ("zone", Cty::UNKNOWN),
        ("mode", Cty::UNKNOWN),
        ("one", dropped(1)),
        ("list", list([dropped(1), Cty::UNKNOWN])),
        ("map", map([("k", dropped(1))])),
        ("set", list([inner(1, Cty::UNKNOWN, Cty::Null), inner(2, Cty::UNKNOWN, Cty::Null)])),
        ("zones", list([text("a"), Cty::UNKNOWN])),
    ]);
    restore(&kind(), &mut plan, &from);
    let kept = |size| inner(size, starting("s"), Cty::UNKNOWN);
    let expected = object([
        ("zone", starting("eu-")),
        ("mode", Cty::UNKNOWN),
        ("one", kept(1)),
        ("list", list([kept(1), Cty::UNKNOWN])),
        ("map", map([("k", kept(1))])),
        ("set", list([refined(1), refined(2)])),
        ("zones", list([text("a"), starting("eu-")])),
    ]);
    assert_eq!(plan, expected);
}

//! `size`: what a Loki needs for so much ingest.

use std::collections::BTreeMap;

use crate::loki::sizes::{self, Part, SIZES, Size as Preset};
use crate::resource::{Function, FunctionProblem, Parameter, Signature};
use crate::schema::{Cty, Number, Type};

/// The function.
pub struct Size;

impl Function for Size {
    const NAME: &'static str = "size";

    fn signature(&self) -> Signature {
        let part = Type::Object(BTreeMap::from([
            ("replicas".into(), Type::Number),
            ("cpu".into(), Type::String),
            ("memory".into(), Type::String),
            ("storage".into(), Type::String),
            ("wal_storage".into(), Type::String),
        ]));
        Signature {
            parameters: vec![Parameter {
                name: "gb_per_day".into(),
                kind: Type::Number,
                description: "Logs to take in, in GB (10^9 bytes) a day, before compression: 0 to 5000.".into(),
                ..Parameter::default()
            }],
            returns: Type::Object(BTreeMap::from([
                ("name".into(), Type::String),
                ("max_gb_per_day".into(), Type::Number),
                ("replication_factor".into(), Type::Number),
                ("components".into(), Type::Map(Box::new(part))),
            ])),
            summary: "The size of a Loki for its ingest".into(),
            description: DESCRIPTION.into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let [Cty::Number(amount)] = &arguments[..] else {
            return Err(FunctionProblem::new("The function takes one number.").at(0));
        };
        sizes::for_ingest(amount.as_f64()).map(preset).ok_or_else(|| {
            let largest = SIZES.last().map_or(0, |size| size.max_gb_per_day);
            let text = format!(
                "There is no size for {amount} GB a day: sizes go from 0 to {largest}. Beyond, measure your load, and \
                 divide it among several stacks or scale the largest size's distributors, ingesters and queriers with it."
            );
            FunctionProblem::new(text).at(0)
        })
    }
}

const DESCRIPTION: &str = "The smallest preset that suffices for an ingest, for the components of a distributed Loki: \
`demo` (up to 1 GB a day), `pico` (50), `extra-small` (100), `small` (500), `medium` (2000) or `large` (5000).

The result has the preset's `name`, the `max_gb_per_day` that it is made for, its `replication_factor`, and \
`components`: a map with the keys `distributor`, `ingester`, `querier`, `query_frontend`, `index_gateway`, `compactor`, \
`ruler` and `gateway`. Each has `replicas`; the requests of each replica, `cpu` and `memory` (null for `demo`, which \
reserves nothing); and the sizes of its volumes, `storage` and `wal_storage` (null where it has none).

The presets up to `medium` are those of loki-operator, whose sizes come from measurements. The bound of `demo` and all \
of `large` (`medium` scaled, with a replication factor of 3) are this provider's. They are a beginning: measure your own \
load. `demo` keeps each line on one ingester alone.";

fn preset(size: &Preset) -> Cty {
    let parts = size.components.iter().map(|it| (it.name.into(), part(it))).collect();
    Cty::Map(BTreeMap::from([
        ("name".into(), Cty::String(size.name.into())),
        ("max_gb_per_day".into(), number(size.max_gb_per_day)),
        ("replication_factor".into(), number(size.replication_factor)),
        ("components".into(), Cty::Map(parts)),
    ]))
}

fn part(part: &Part) -> Cty {
    let text = |text: Option<&str>| text.map_or(Cty::Null, |text| Cty::String(text.to_owned()));
    let (cpu, memory) = part.requests.unzip();
    Cty::Map(BTreeMap::from([
        ("replicas".into(), number(part.replicas)),
        ("cpu".into(), text(cpu)),
        ("memory".into(), text(memory)),
        ("storage".into(), text(part.storage)),
        ("wal_storage".into(), text(part.wal_storage)),
    ]))
}

fn number(value: u32) -> Cty {
    Cty::Number(Number::from(u64::from(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(amount: i64) -> Result<Cty, FunctionProblem> {
        Size.call(vec![Cty::Number(amount.into())])
    }

    #[test]
    fn an_ingest_has_a_size() {
        let Ok(Cty::Map(size)) = size(400) else { panic!("an object") };
        assert_eq!(size["name"], Cty::String("small".into()));
        let Cty::Map(components) = &size["components"] else { panic!("a map") };
        let Cty::Map(ingester) = &components["ingester"] else { panic!("an object") };
        assert_eq!((&ingester["replicas"], &ingester["storage"]), (&number(3), &Cty::String("10Gi".into())));
    }

    #[test]
    fn what_has_none_is_refused() {
        for amount in [-1, 5001] {
            assert!(size(amount).unwrap_err().text.contains("0 to 5000"));
        }
    }
}

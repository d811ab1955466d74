//! From the attribute `stages` to the agent's stages.

use super::attributes::Stage;
use super::options::bytes;
use crate::agent::stage::Stage as To;
use crate::resource::loki_stack::{map, text, text_or};
use crate::schema::{AttributePath, Diagnostics, Problem, Report, Value, at};

/// The stage; none where none is set.
pub(super) fn stage(of: &Stage) -> Option<To> {
    let json =
        of.json.as_ref_option().map(|it| To::Json { expressions: map(&it.expressions), source: text(&it.source) });
    let logfmt =
        || of.logfmt.as_ref_option().map(|it| To::Logfmt { mapping: map(&it.mapping), source: text(&it.source) });
    let regex = || {
        let of = of.regex.as_ref_option()?;
        Some(To::Regex { expression: text_or(&of.expression, "(?P<unknown>)"), source: text(&of.source) })
    };
    let timestamp = || {
        let of = of.timestamp.as_ref_option()?;
        Some(To::Timestamp { source: text_or(&of.source, ""), format: text_or(&of.format, "RFC3339") })
    };
    let labels = || of.labels.as_ref_option().map(|_| To::Labels { values: map(&of.labels) });
    let metadata = || {
        of.structured_metadata.as_ref_option().map(|_| To::StructuredMetadata { values: map(&of.structured_metadata) })
    };
    let output = || of.output.as_ref_option().map(|it| To::Output { source: text_or(&it.source, "") });
    let replace = || {
        let of = of.replace.as_ref_option()?;
        Some(To::Replace { expression: text_or(&of.expression, ""), replace: text_or(&of.replace, "") })
    };
    let drop = || {
        let of = of.drop.as_ref_option()?;
        Some(To::Drop {
            expression: text(&of.expression),
            source: text(&of.source),
            older_than: text(&of.older_than),
            longer_than: bytes(&of.longer_than),
        })
    };
    let sampling = || {
        let of = of.sampling.as_ref_option()?;
        Some(To::Sampling { rate: of.rate.as_ref_option().map_or(1.0, crate::schema::Number::as_f64) })
    };
    json.or_else(logfmt)
        .or_else(regex)
        .or_else(timestamp)
        .or_else(labels)
        .or_else(metadata)
        .or_else(output)
        .or_else(replace)
        .or_else(drop)
        .or_else(sampling)
}

/// Says where an element sets no stage, or several.
pub(super) fn shape(stages: &Value<Vec<Value<Stage>>>, report: &mut Diagnostics) {
    let of = stages.as_ref_option().into_iter().flatten().enumerate();
    for (index, stage) in of {
        let path = at("stages").index(i64::try_from(index).unwrap_or(i64::MAX));
        match stage {
            Value::Unknown => {}
            Value::Null => one(path, 0, report),
            Value::Value(stage) => {
                let set = [
                    stage.json.is_null(),
                    stage.logfmt.is_null(),
                    stage.regex.is_null(),
                    stage.timestamp.is_null(),
                    stage.labels.is_null(),
                    stage.structured_metadata.is_null(),
                    stage.output.is_null(),
                    stage.replace.is_null(),
                    stage.drop.is_null(),
                    stage.sampling.is_null(),
                ];
                let count = set.iter().filter(|null| !**null).count();
                if count != 1 {
                    one(path.clone(), count, report);
                }
                if let Value::Value(drop) = &stage.drop
                    && let Value::Value(text) = &drop.longer_than
                    && bytes(&drop.longer_than).is_none()
                {
                    report.refuse(
                        Problem::new(summary!("longer_than is no number of bytes"))
                            .at(path.attribute("drop").attribute("longer_than"))
                            .why(format!("{text:?} is no Kubernetes quantity of whole bytes above zero."))
                            .fix("Write it such as 64Ki."),
                    );
                }
            }
        }
    }
}

fn one(path: AttributePath, count: usize, report: &mut Diagnostics) {
    let (what, why) = match count {
        0 => (
            summary!("The stage is not known"),
            "The element sets none of the stages that there are. Terraform passes over names that it does not know."
                .to_owned(),
        ),
        _ => (summary!("An element is several stages"), format!("{count} are set, and their order is not told.")),
    };
    report.refuse(
        Problem::new(what).at(path).why(why).fix(format!("Set one in each element: {}.", To::NAMES.join(", "))),
    );
}

//! `duration_seconds`: Loki's durations as numbers.

use crate::loki::duration;
use crate::resource::{Function, FunctionProblem, Parameter, Signature};
use crate::schema::{Cty, Number, Type};

/// The function.
pub struct DurationSeconds;

impl Function for DurationSeconds {
    const NAME: &'static str = "duration_seconds";

    fn signature(&self) -> Signature {
        Signature {
            parameters: vec![Parameter {
                name: "duration".into(),
                kind: Type::String,
                description:
                    "A duration as Loki and Prometheus write it, such as `90d` or `1h30m`: whole numbers with \
                              the units `y`, `w`, `d`, `h`, `m`, `s` and `ms`, largest first and each at most once."
                        .into(),
                ..Parameter::default()
            }],
            returns: Type::Number,
            summary: "Seconds of a Loki duration".into(),
            description: "The seconds of a duration as Loki and Prometheus write it, such as `retention` of \
                          `loki_stack`. A year has 365 days, as it has for Loki. Milliseconds make a fraction."
                .into(),
            ..Signature::default()
        }
    }

    fn call(&self, arguments: Vec<Cty>) -> Result<Cty, FunctionProblem> {
        let [Cty::String(text)] = &arguments[..] else {
            return Err(FunctionProblem::new("The function takes one text.").at(0));
        };
        let seconds = duration::parse(text).and_then(|millis| {
            let (seconds, rest) = (millis / 1000, millis % 1000);
            Number::parse(&format!("{seconds}.{rest:03}"))
        });
        seconds.map(Cty::Number).ok_or_else(|| {
            FunctionProblem::new(format!(
                "{text:?} is no duration of Loki's: write whole numbers with the units y, w, d, h, m, s and ms, largest \
                 first and each at most once, such as \"90d\" or \"1h30m\"."
            ))
            .at(0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Result<Cty, FunctionProblem> {
        DurationSeconds.call(vec![Cty::String(text.to_owned())])
    }

    #[test]
    fn durations_are_seconds() {
        let number = |text| Ok(Cty::Number(Number::parse(text).unwrap()));
        for (text, expected) in [
            ("90d", "7776000"),
            ("1h30m", "5400"),
            ("1y", "31536000"),
            ("1s500ms", "1.5"),
            ("1ms", "0.001"),
            ("0", "0"),
        ] {
            assert_eq!(seconds(text), number(expected), "{text}");
        }
    }

    #[test]
    fn what_is_none_is_refused_at_its_argument() {
        for wrong in ["", "90", "90 days", "1.5h", "30m1h", "-1d", "300y"] {
            let problem = seconds(wrong).unwrap_err();
            assert_eq!(problem.argument, Some(0));
            assert!(problem.text.starts_with(&format!("{wrong:?} is no duration")), "{problem}");
        }
    }
}

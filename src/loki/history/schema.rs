//! Changes of the schema under logs that were stored by it: loki-operator's rules
//! (operator/internal/validation/lokistack.go), judged to the second.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::loki::finding::{Finding, Step};
use crate::loki::options::SchemaPeriod;
use crate::loki::verify::day;

/// How long before its first day a period must be known: until then every replica has been restarted with it. Of two
/// replicas that disagree about the period in force, one writes what the other does not find. loki-operator's value
/// (operator/api/loki/v1, StorageSchemaUpdateBuffer).
const BUFFER: SignedDuration = SignedDuration::from_hours(2);

/// What happens to a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// No period began on its day so far.
    Added,
    /// The period of its day becomes another one.
    Changed,
    /// No period begins on its day any more.
    Removed,
}

/// One difference between the periods that were and those that shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodChange {
    /// The period's first day, as written.
    pub from: String,
    /// Its place among those that shall be; none where it is removed.
    pub index: Option<usize>,
    /// What happens to it.
    pub verb: Verb,
    /// Whether it is in force, or too close to it: its logs would become invisible. Otherwise the change is
    /// append-only, and safe.
    pub retroactive: bool,
}

/// Every difference between the periods known so far and those planned at `now`: the removed ones first, then those that
/// shall be in their order.
pub fn changes(before: &[SchemaPeriod], after: &[SchemaPeriod], now: Timestamp) -> Vec<PeriodChange> {
    let first_safe = first_safe_day(now);
    let change = |period: &SchemaPeriod, index, verb| {
        let retroactive = day(&period.from).is_some_and(|from| from < first_safe);
        PeriodChange { from: period.from.clone(), index, verb, retroactive }
    };
    let same_day = |periods: &'_ [SchemaPeriod], from: &str| periods.iter().find(|period| period.from == from).cloned();
    let removed = before.iter().filter(|old| same_day(after, &old.from).is_none());
    let removed = removed.map(|old| change(old, None, Verb::Removed));
    let changed = after.iter().enumerate().filter_map(|(index, new)| match same_day(before, &new.from) {
        Some(old) if old == *new => None,
        Some(_) => Some(change(new, Some(index), Verb::Changed)),
        None => Some(change(new, Some(index), Verb::Added)),
    });
    removed.chain(changed).collect()
}

/// The first day that a new period may start on: the first one that begins, in UTC, two hours from `now` or later.
pub fn first_safe_day(now: Timestamp) -> Date {
    let safe = now.saturating_add(BUFFER).unwrap_or(Timestamp::MAX).to_zoned(TimeZone::UTC).datetime();
    let begun = safe.time() > jiff::civil::Time::midnight();
    if begun { safe.date().tomorrow().unwrap_or(Date::MAX) } else { safe.date() }
}

/// The retroactive changes as findings: no period in force may be added, changed or removed, or the logs of its days can
/// no longer be read. Paths start at `schema`.
pub fn schema_change(before: &[SchemaPeriod], after: &[SchemaPeriod], now: Timestamp) -> Vec<Finding> {
    let safe = first_safe_day(now);
    let today = now.to_zoned(TimeZone::UTC).date();
    let finding = |change: PeriodChange| {
        let from = &change.from;
        let ahead = day(from).is_some_and(|from| from > today);
        let (state, since) = if ahead { ("about to begin", "would be") } else { ("already in force", "were") };
        let (summary, why) = match change.verb {
            Verb::Removed => (
                summary!("The schema period from {from} is gone"),
                format!(
                    "Cannot retroactively remove a schema: it is {state}, and logs {since} stored by it and would \
                     become invisible."
                ),
            ),
            Verb::Changed => (
                summary!("The schema period from {from} has changed"),
                format!(
                    "Cannot retroactively change a schema: it is {state}, and logs {since} stored by it and would \
                     become invisible."
                ),
            ),
            Verb::Added if ahead => (
                summary!("The schema period from {from} begins too soon"),
                "Cannot retroactively add a schema: it must be known to every replica when it begins, and their \
                 rollout takes time; loki-operator allows two hours for it. A replica that does not know it yet \
                 stores logs by the old one, where they would become invisible."
                    .to_owned(),
            ),
            Verb::Added => (
                summary!("The schema period from {from} is new, and already in force"),
                "Cannot retroactively add a schema: the logs since then were stored by another one and would become \
                 invisible."
                    .to_owned(),
            ),
        };
        let fix = match change.verb {
            Verb::Added => format!("Let it start on {safe} or later: the first day that is two hours ahead."),
            _ => format!("Restore it as it was. To change the schema, add a period that starts on {safe} or later."),
        };
        let finding = Finding::error(summary, why, fix);
        match change.index {
            Some(index) => finding.under([Step::Attribute("schema"), Step::Index(index)]),
            None => finding.at("schema"),
        }
    };
    changes(before, after, now).into_iter().filter(|change| change.retroactive).map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn v13(from: &str) -> SchemaPeriod {
        SchemaPeriod { from: from.into(), ..SchemaPeriod::default() }
    }

    fn refused(before: &[&SchemaPeriod], after: &[&SchemaPeriod], now: &str) -> Vec<String> {
        let owned = |periods: &[&SchemaPeriod]| periods.iter().copied().cloned().collect::<Vec<_>>();
        schema_change(&owned(before), &owned(after), at(now)).iter().map(Finding::path_text).collect()
    }

    const NOON: &str = "2026-01-01T12:00:00Z";

    #[test]
    fn a_day_is_safe_two_hours_before_it_begins() {
        let safe = |now: &str| first_safe_day(at(now)).to_string();
        assert_eq!(safe(NOON), "2026-01-02");
        assert_eq!(safe("2026-01-01T22:00:00Z"), "2026-01-02");
        assert_eq!(safe("2026-01-01T22:00:01Z"), "2026-01-03");
        assert_eq!(safe("2026-01-01T23:30:00-05:00"), "2026-01-03", "days are of UTC");
        assert_eq!(first_safe_day(Timestamp::MAX), Date::MAX);
    }

    #[test]
    fn history_is_not_rewritten() {
        let (past, next) = (&v13("2024-04-01"), &v13("2026-02-01"));
        let old = &SchemaPeriod { version: "v12".into(), ..v13("2024-04-01") };
        let none = Vec::<String>::new();
        assert_eq!(refused(&[past], &[past], NOON), none);
        assert_eq!(refused(&[past], &[past, next], NOON), none, "a future period is added");
        assert_eq!(refused(&[past, next], &[past], NOON), none, "and taken back");
        assert_eq!(refused(&[past], &[old], NOON), ["schema[0]"]);
        assert_eq!(refused(&[past], &[&v13("2024-05-01")], NOON), ["schema", "schema[0]"]);
        assert_eq!(refused(&[past], &[past, &v13("2026-01-01")], NOON), ["schema[1]"], "today is too late");
    }

    #[test]
    fn what_begins_within_two_hours_is_too_late() {
        let (past, soon) = (&v13("2024-04-01"), &v13("2026-01-02"));
        assert_eq!(refused(&[past], &[past, soon], "2026-01-01T22:00:00Z"), Vec::<String>::new());
        let late = "2026-01-01T22:30:00Z";
        assert_eq!(refused(&[past], &[past, soon], late), ["schema[1]"]);
        assert_eq!(refused(&[past, soon], &[past], late), ["schema"], "replicas know it already");
        assert_eq!(refused(&[past, soon], &[past, soon], late), Vec::<String>::new());
        let told = &schema_change(std::slice::from_ref(past), &[past.clone(), soon.clone()], at(late))[0];
        assert_eq!(told.summary, "The schema period from 2026-01-02 begins too soon");
        assert!(told.fix.contains("start on 2026-01-03 or later"), "{told}");
    }

    #[test]
    fn changes_tell_append_only_from_retroactive() {
        let before = [v13("2024-04-01"), v13("2026-03-01")];
        let after = [SchemaPeriod { store: "boltdb-shipper".into(), ..v13("2024-04-01") }, v13("2026-02-01")];
        let told: Vec<_> = changes(&before, &after, at(NOON))
            .into_iter()
            .map(|change| (change.from, change.index, change.verb, change.retroactive))
            .collect();
        assert_eq!(
            told,
            [
                ("2026-03-01".to_owned(), None, Verb::Removed, false),
                ("2024-04-01".to_owned(), Some(0), Verb::Changed, true),
                ("2026-02-01".to_owned(), Some(1), Verb::Added, false),
            ]
        );
        let undated = changes(&[], &[v13("soon")], at(NOON));
        assert!(!undated[0].retroactive, "what is no date is refused for that");
    }
}

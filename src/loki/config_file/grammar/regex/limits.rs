//! How large, deep and often repeated an expression is (parse.go, calcSize, calcHeight, repeatIsValid).

/// Instructions that Go allows: 128 MB of 40 bytes each.
const LARGEST: u64 = (128 << 20) / 40;
const DEEPEST: u32 = 1000;
const MOST_REPEATS: u64 = 1000;

/// Of a part of an expression.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measure {
    kind: Kind,
    size: u64,
    height: u32,
    /// The product of nested counts.
    repeats: u64,
    /// Whether it matches an empty text.
    nullable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Literal,
    Concat,
    Alternate,
    Other,
}

impl Measure {
    /// A class, or anything else that takes a character.
    pub(super) const LEAF: Measure = Measure { kind: Kind::Other, size: 1, height: 1, repeats: 0, nullable: false };
    /// A place, such as the start, in an empty text.
    pub(super) const PLACE: Measure = Measure { nullable: true, ..Measure::LEAF };
    /// A character.
    pub(super) const LITERAL: Measure = Measure { kind: Kind::Literal, ..Measure::LEAF };

    pub(super) fn wrapped(self, extra: u64) -> Self {
        let (size, height) = (self.size.saturating_add(extra), self.height.saturating_add(1));
        Measure { kind: Kind::Other, size, height, ..self }
    }

    /// Something that need not be there.
    pub(super) fn optional(self) -> Self {
        Measure { nullable: true, ..self }
    }

    pub(super) fn matches_empty(self) -> bool {
        self.nullable
    }

    pub(super) fn repeated(self, (min, max): (u32, Option<u32>)) -> Self {
        let (min, max) = (u64::from(min), max.map(u64::from));
        let size = match max {
            None if min == 0 => self.size.saturating_add(2),
            None => self.size.saturating_mul(min).saturating_add(1),
            Some(max) => self.size.saturating_mul(max).saturating_add(max - min),
        };
        let repeats = match max.unwrap_or(min) {
            // Nothing is repeated in what is not there.
            0 if max.is_some() => 0,
            0 => self.repeats,
            times => times.max(times.saturating_mul(self.repeats)),
        };
        let nullable = self.nullable || min == 0;
        Measure { kind: Kind::Other, size: size.max(1), height: self.height.saturating_add(1), repeats, nullable }
    }

    pub(super) fn concat(parts: impl Iterator<Item = Measure>) -> Self {
        Measure::join(Kind::Concat, parts)
    }

    pub(super) fn alternate(parts: impl Iterator<Item = Measure>) -> Self {
        Measure::join(Kind::Alternate, parts)
    }

    /// parse.go, isCharClass: one character of some.
    fn is_class(self) -> bool {
        self.size == 1 && self.height == 1 && !self.nullable
    }

    /// parse.go, collapse and swapVerticalBar: nested lists of the same kind are one list, and adjacent literals one literal.
    fn join(kind: Kind, parts: impl Iterator<Item = Measure>) -> Self {
        let mut whole = Measure { kind, size: 0, height: 0, repeats: 0, nullable: kind == Kind::Concat };
        let mut count: u64 = 0;
        let mut only = Measure::PLACE;
        let mut before: Option<Measure> = None;
        for part in parts {
            let joins = before.is_some_and(|before| match kind {
                Kind::Concat => before.kind == Kind::Literal && part.kind == Kind::Literal,
                _ => before.is_class() && part.is_class(),
            });
            before = Some(part);
            // Alternative characters are one class; adjacent ones remain as many.
            if !joins || kind == Kind::Concat {
                whole.size = whole.size.saturating_add(part.size);
            }
            whole.repeats = whole.repeats.max(part.repeats);
            whole.height = whole.height.max(if part.kind == kind { part.height - 1 } else { part.height });
            match kind {
                Kind::Concat => whole.nullable &= part.nullable,
                _ => whole.nullable |= part.nullable,
            }
            if !joins {
                (count, only) = (count + 1, part);
            }
        }
        match count {
            // Nothing at all.
            0 => Measure::PLACE,
            1 => Measure { size: whole.size.max(1), ..only },
            _ => {
                let between = if kind == Kind::Alternate { count - 1 } else { 0 };
                Measure { size: whole.size.saturating_add(between), height: whole.height + 1, ..whole }
            }
        }
    }

    pub(super) fn is_too_large(self) -> bool {
        self.size > LARGEST
    }

    pub(super) fn is_too_deep(self) -> bool {
        self.height > DEEPEST
    }

    pub(super) fn repeats_fit(self) -> bool {
        self.repeats <= MOST_REPEATS
    }
}

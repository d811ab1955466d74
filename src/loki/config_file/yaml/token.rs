//! What the scanner gives to the parser (yaml.v2's yamlh.go).

/// A place in the text, from 0, in characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) index: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StreamStart,
    StreamEnd,
    VersionDirective,
    TagDirective,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    Scalar,
}

/// A token.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: Place,
    pub(super) end: Place,
    /// A scalar's text, an anchor's name, a tag's handle.
    pub(super) value: String,
    /// A tag's suffix, a directive's prefix.
    pub(super) suffix: String,
    /// Whether a scalar has no quotes and is no block.
    pub(super) plain: bool,
    /// Major and minor version of a directive.
    pub(super) version: (u8, u8),
}

impl Token {
    pub(super) fn new(kind: Kind, start: Place, end: Place) -> Self {
        Self { kind, start, end, value: String::new(), suffix: String::new(), plain: false, version: (0, 0) }
    }
}

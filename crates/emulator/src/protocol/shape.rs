//! The vocabulary for constraints of a service model: one constant per shape, with the name in the model.

use crate::protocol::pattern::Pattern;

/// The valid values of a member of a request.
#[derive(Debug)]
pub(crate) enum Shape {
    /// A string; lengths are in Unicode code points, and `usize::MAX` means no maximum.
    Text {
        min: usize,
        max: usize,
        pattern: Option<&'static Pattern>,
    },
    /// One of a closed list of strings.
    Enum(&'static [&'static str]),
    /// An integer from `min` to `max`, inclusive.
    Integer {
        min: i64,
        max: i64,
    },
    /// One of a closed list of strings, the lines of a text.
    Listed(&'static str),
    Boolean,
    /// A number with or without a fraction, as times in seconds are.
    Number,
    /// A list; `min` and `max` count its items.
    List {
        member: &'static Shape,
        min: usize,
        max: usize,
    },
    /// A map with string keys; `min` and `max` count its entries.
    Map {
        key: &'static Shape,
        value: &'static Shape,
        min: usize,
        max: usize,
    },
    /// Named members; unknown members are ignored, as in the services.
    Structure(&'static [Member]),
}

/// Location of a member of an operation's input in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Location {
    Body,
    Path,
    Query,
}

/// A member of a structure.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) shape: &'static Shape,
    pub(crate) required: bool,
    pub(crate) location: Location,
}

/// No maximum.
pub(crate) const NO_LIMIT: usize = usize::MAX;

/// A string with a minimum and a maximum length.
pub(crate) const fn text(min: usize, max: usize) -> Shape {
    let pattern = None;
    Shape::Text { min, max, pattern }
}

/// A string that must match a pattern.
pub(crate) const fn matching(min: usize, max: usize, pattern: &'static Pattern) -> Shape {
    let pattern = Some(pattern);
    Shape::Text { min, max, pattern }
}

/// A list with an item or more.
pub(crate) const fn at_least_one(member: &'static Shape) -> Shape {
    let (min, max) = (1, NO_LIMIT);
    Shape::List { member, min, max }
}

/// A list of any length.
pub(crate) const fn list_of(member: &'static Shape) -> Shape {
    let (min, max) = (0, NO_LIMIT);
    Shape::List { member, min, max }
}

const fn member(name: &'static str, shape: &'static Shape, required: bool, location: Location) -> Member {
    Member { name, shape, required, location }
}

/// A required member of the body.
pub(crate) const fn required(name: &'static str, shape: &'static Shape) -> Member {
    member(name, shape, true, Location::Body)
}

/// An optional member of the body.
pub(crate) const fn optional(name: &'static str, shape: &'static Shape) -> Member {
    member(name, shape, false, Location::Body)
}

/// A member of the path.
pub(crate) const fn label(name: &'static str, shape: &'static Shape) -> Member {
    member(name, shape, true, Location::Path)
}

/// An optional member of the query.
pub(crate) const fn query(name: &'static str, shape: &'static Shape) -> Member {
    member(name, shape, false, Location::Query)
}

/// A required member of the query.
pub(crate) const fn required_query(name: &'static str, shape: &'static Shape) -> Member {
    member(name, shape, true, Location::Query)
}

//! The patterns of the model of CloudTrail.

use crate::protocol::pattern::{Pattern, has_only, is_line_terminator};

pub(crate) static ANY_LINE: Pattern = Pattern { text: ".*", matches: |text| !text.contains(is_line_terminator) };

pub(crate) static LINE: Pattern =
    Pattern { text: ".+", matches: |text| !text.is_empty() && !text.contains(is_line_terminator) };

pub(crate) static FIELD: Pattern = Pattern { text: r"[\w|\d|\.|_]+", matches: |text| has_only(text, "_|.") };

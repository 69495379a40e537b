//! The catalog without YAML: frameworks, control sets, controls, data sources and findings; with a plan, the state of each
//! object in the account; or with a report of compliance, what the evidence says.
//!
//! In reading order: [`ObjectStatus`] is the state of an object in the account, `anchor` names its location on the
//! page, [`Shown`] is a string that can be shown, `results` is what the evidence says, [`View`] is everything that is shown, `build` creates it, `chart` prepares the
//! charts; [`text()`] and [`html()`] write it.

mod status;
mod anchor;
mod shown;
mod results;
mod view;
mod build;
mod chart;
mod html;
mod text;

pub use html::html;
pub use shown::Shown;
pub use status::ObjectStatus;
pub use text::text;
pub use view::View;

//! Keys of a file that Audit Manager does not store: a pull keeps them.

use super::pulled::Failed;
use crate::document::Document;
use crate::model::{Control, DataSource};

/// Keys of a control and of a data source that only files have.
const KEYS: [&str; 5] = ["severity", "procedureUrl", "requiredParameters", "remediation", "customRule"];

/// Adds the keys that only the file has to a control of the account.
///
/// # Errors
///
/// The file cannot be read and seems to have such keys, or they belong to a data source that the account does not have.
pub(super) fn keep(text: &str, document: Option<&Document>, control: &mut Control) -> Result<(), Failed> {
    let Some(document) = document else {
        return match KEYS.iter().find(|key| text.contains(*key)) {
            Some(key) => {
                Err(Failed(format!("the file cannot be read, and has `{key}`, which only files have: fix it first")))
            }
            None => Ok(()),
        };
    };
    let file = Control::from_document(document, &std::collections::BTreeMap::new());
    control.severity = file.severity;
    control.procedure_url = file.procedure_url;
    for source in file.sources.into_iter().filter(has_own_keys) {
        let Some(pulled) = counterpart(&source, &mut control.sources) else {
            return Err(Failed(format!(
                "its file has keys for the data source `{}` that only files have, and the account does not have this data \
                 source: remove the keys, or add the data source",
                source.name
            )));
        };
        pulled.required_parameters = source.required_parameters;
        pulled.remediation = source.remediation;
        pulled.custom_rule = source.custom_rule;
    }
    Ok(())
}

fn has_own_keys(source: &DataSource) -> bool {
    !source.required_parameters.is_empty() || source.remediation.is_some() || source.custom_rule.is_some()
}

/// Returns the data source of the account that a data source of the file stands for: of the same keyword and name, or of the same
/// keyword, or of the same name.
fn counterpart<'a>(of_file: &DataSource, sources: &'a mut [DataSource]) -> Option<&'a mut DataSource> {
    let same_type = |source: &DataSource| source.source_type == of_file.source_type && !has_own_keys(source);
    let same_keyword = |source: &DataSource| same_type(source) && source.keyword == of_file.keyword;
    let at = sources
        .iter()
        .position(|source| same_keyword(source) && source.name == of_file.name)
        .or_else(|| sources.iter().position(same_keyword))
        .or_else(|| sources.iter().position(|source| same_type(source) && source.name == of_file.name))?;
    sources.get_mut(at)
}

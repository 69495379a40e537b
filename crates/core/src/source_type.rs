//! Types of data sources: the one table of what is known about each.
//!
//! Everything else asks a type for its properties. `SourceType` is matched in this module only, so a new type is a row here, and
//! the compiler and the tests name what else it needs.

/// Type of a data source; the names are those of the API
/// (<https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControlMappingSource.html>).
///
/// ```
/// use controlsync_core::source_type::SourceType;
/// let config = SourceType::from_name("AWS_Config").unwrap();
/// assert!(!config.is_manual());
/// assert_eq!(config.set_up_option(), "System_Controls_Mapping");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceType {
    /// AWS CloudTrail events.
    Cloudtrail,
    /// Results of AWS Config rules.
    Config,
    /// Findings of Security Hub controls.
    SecurityHub,
    /// Responses of AWS API calls.
    ApiCall,
    /// Evidence that users upload or write.
    Manual,
    /// A common control of the Control Catalog.
    CommonControl,
    /// A core control of Audit Manager.
    CoreControl,
}

/// A row of the table.
struct Properties {
    name: &'static str,
    label: &'static str,
    about: &'static str,
    set_up_option: &'static str,
    input_types: &'static [&'static str],
    keyword: Keyword,
    frequency: Frequency,
    limit: &'static Limit,
    page: Option<&'static str>,
}

/// The keyword of a data source: what to look for.
#[derive(Debug)]
pub struct Keyword {
    /// Its form.
    pub form: KeywordForm,
    /// What it is, with its article, for messages.
    pub noun: &'static str,
    /// What it is, as a sentence.
    pub about: &'static str,
}

/// Form of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeywordForm {
    /// The identifier of a managed rule, or `Custom_` and the name of a rule.
    ConfigRule,
    /// The ID of a control in a standard.
    SecurityHubControl,
    /// `service_Action`, a call that Audit Manager can make.
    ApiCall,
    /// `service_Event`.
    CloudtrailEvent,
    /// The ARN of a common control.
    CommonControlArn,
    /// The ID of a core control.
    CoreControlId,
    /// There is none.
    Unused,
}

/// How often evidence is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// As the control says.
    OfControl,
    /// At a time that the control cannot change, for messages.
    Fixed(&'static str),
}

/// How many data sources a control can have. Types with the same limit are counted together
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/customize-control-from-scratch.html>).
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// What is counted.
    pub noun: &'static str,
    /// The most of a control.
    pub most: usize,
}

static OWN_SOURCES: Limit = Limit { noun: "data sources", most: 100 };
static CORE_CONTROLS: Limit = Limit { noun: "core controls", most: 50 };
static COMMON_CONTROLS: Limit = Limit { noun: "common controls", most: 5 };

const SYSTEM: &str = "System_Controls_Mapping";
const PROCEDURAL: &str = "Procedural_Controls_Mapping";
const FROM_LIST: &[&str] = &["SELECT_FROM_LIST"];

static CLOUDTRAIL: Properties = Properties {
    name: "AWS_Cloudtrail",
    label: "CloudTrail",
    about: "An AWS CloudTrail event, collected when it occurs.",
    set_up_option: SYSTEM,
    input_types: FROM_LIST,
    keyword: Keyword {
        form: KeywordForm::CloudtrailEvent,
        noun: "the CloudTrail event",
        about: "The event, `service_Event`. Read-only events are not supported.",
    },
    frequency: Frequency::Fixed("when the event happens"),
    limit: &OWN_SOURCES,
    page: Some("control-data-sources-cloudtrail"),
};

static CONFIG: Properties = Properties {
    name: "AWS_Config",
    label: "AWS Config",
    about: "Evaluations of an AWS Config rule, collected when it is evaluated.",
    set_up_option: SYSTEM,
    input_types: FROM_LIST,
    keyword: Keyword {
        form: KeywordForm::ConfigRule,
        noun: "the identifier of the AWS Config rule",
        about: "The identifier of a managed rule in uppercase, or `Custom_` and the name of a custom rule.",
    },
    frequency: Frequency::Fixed("when the rule is evaluated"),
    limit: &OWN_SOURCES,
    page: Some("control-data-sources-config"),
};

static SECURITY_HUB: Properties = Properties {
    name: "AWS_Security_Hub",
    label: "Security Hub",
    about: "Findings of a Security Hub control, collected on its schedule.",
    set_up_option: SYSTEM,
    input_types: FROM_LIST,
    keyword: Keyword {
        form: KeywordForm::SecurityHubControl,
        noun: "the ID of the Security Hub control",
        about: "The ID of the control in a standard: `1.2` (CIS), `PCI.IAM.1`, `IAM.1` (FSBP).",
    },
    frequency: Frequency::Fixed("on the schedule of Security Hub"),
    limit: &OWN_SOURCES,
    page: Some("control-data-sources-ash"),
};

static API_CALL: Properties = Properties {
    name: "AWS_API_Call",
    label: "API call",
    about: "The response of an API call, collected at the `sourceFrequency`.",
    set_up_option: SYSTEM,
    input_types: FROM_LIST,
    keyword: Keyword {
        form: KeywordForm::ApiCall,
        noun: "the API call",
        about: "An API call that Audit Manager supports, `service_Action`.",
    },
    frequency: Frequency::OfControl,
    limit: &OWN_SOURCES,
    page: Some("control-data-sources-api"),
};

static MANUAL: Properties = Properties {
    name: "MANUAL",
    label: "Manual",
    about: "Evidence that users upload or enter.",
    set_up_option: PROCEDURAL,
    input_types: &["UPLOAD_FILE", "INPUT_TEXT"],
    keyword: Keyword {
        form: KeywordForm::Unused,
        noun: "no keyword",
        about: "Not used: the evidence is collected manually.",
    },
    frequency: Frequency::Fixed("when users add it"),
    limit: &OWN_SOURCES,
    page: None,
};

static COMMON_CONTROL: Properties = Properties {
    name: "Common_Control",
    label: "Common control",
    about: "Evidence that AWS collects for a common control of the AWS Control Catalog.",
    set_up_option: SYSTEM,
    input_types: FROM_LIST,
    keyword: Keyword {
        form: KeywordForm::CommonControlArn,
        noun: "the ARN of the common control",
        about: "The ARN of the common control, `arn:aws:controlcatalog:::common-control/…`.",
    },
    frequency: Frequency::Fixed("on the schedule of its underlying data sources"),
    limit: &COMMON_CONTROLS,
    page: None,
};

static CORE_CONTROL: Properties = Properties {
    name: "Core_Control",
    label: "Core control",
    about: "Evidence that AWS collects for a core control of Audit Manager.",
    set_up_option: SYSTEM,
    input_types: FROM_LIST,
    keyword: Keyword {
        form: KeywordForm::CoreControlId,
        noun: "the ID of the core control",
        about: "The ID of the core control, a UUID.",
    },
    frequency: Frequency::Fixed("on the schedule of its underlying data sources"),
    limit: &CORE_CONTROLS,
    page: None,
};

impl SourceType {
    /// All types.
    pub const ALL: &[Self] = &[
        Self::Cloudtrail,
        Self::Config,
        Self::SecurityHub,
        Self::ApiCall,
        Self::Manual,
        Self::CommonControl,
        Self::CoreControl,
    ];

    const fn properties(self) -> &'static Properties {
        match self {
            Self::Cloudtrail => &CLOUDTRAIL,
            Self::Config => &CONFIG,
            Self::SecurityHub => &SECURITY_HUB,
            Self::ApiCall => &API_CALL,
            Self::Manual => &MANUAL,
            Self::CommonControl => &COMMON_CONTROL,
            Self::CoreControl => &CORE_CONTROL,
        }
    }

    /// Returns the type with an API name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|of| of.name() == name)
    }

    /// Name in the API.
    pub const fn name(self) -> &'static str {
        self.properties().name
    }

    /// Label for readers who do not know the API.
    pub const fn label(self) -> &'static str {
        self.properties().label
    }

    /// What evidence it gives, as a sentence.
    pub const fn about(self) -> &'static str {
        self.properties().about
    }

    /// Whether users add the evidence.
    pub fn is_manual(self) -> bool {
        self == Self::Manual
    }

    /// Set-up option; Audit Manager fills it in
    /// (<https://docs.aws.amazon.com/audit-manager/latest/APIReference/API_CreateControlMappingSource.html>).
    pub const fn set_up_option(self) -> &'static str {
        self.properties().set_up_option
    }

    /// Input types that the keyword can have.
    pub const fn input_types(self) -> &'static [&'static str] {
        self.properties().input_types
    }

    /// The input type that is meant if none is set.
    pub fn default_input_type(self) -> &'static str {
        self.input_types().first().copied().unwrap_or_default()
    }

    /// Its keyword.
    pub const fn keyword(self) -> &'static Keyword {
        &self.properties().keyword
    }

    /// How often it collects evidence.
    pub const fn frequency(self) -> Frequency {
        self.properties().frequency
    }

    /// How many a control can have.
    pub const fn limit(self) -> &'static Limit {
        self.properties().limit
    }

    /// Page of the user guide that lists its keywords; `None` if there is none.
    pub fn page(self) -> Option<String> {
        let name = self.properties().page?;
        Some(format!("https://docs.aws.amazon.com/audit-manager/latest/userguide/{name}.html"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value as Json;

    use super::*;
    use crate::schema;
    use crate::source::FileKind;

    /// Returns the allowed values of a key of a data source.
    fn allowed(schema: &Json, key: &str) -> BTreeSet<String> {
        let words = schema.pointer(&format!("/$defs/source/properties/{key}/enum")).and_then(Json::as_array).unwrap();
        words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn schema_and_table_are_equal() {
        let schema = schema::json(FileKind::Control);
        let of = |names: &dyn Fn(SourceType) -> Vec<&'static str>| -> BTreeSet<String> {
            SourceType::ALL.iter().flat_map(|of| names(*of)).map(str::to_owned).collect()
        };
        assert_eq!(allowed(&schema, "sourceType"), of(&|of| vec![of.name()]));
        assert_eq!(allowed(&schema, "sourceSetUpOption"), of(&|of| vec![of.set_up_option()]));
        assert_eq!(allowed(&schema, "sourceKeyword/properties/keywordInputType"), of(&|of| of.input_types().to_vec()));
    }

    #[test]
    fn every_type_is_in_the_list_of_all() {
        let names: BTreeSet<&str> = SourceType::ALL.iter().map(|of| of.name()).collect();
        assert_eq!(names.len(), SourceType::ALL.len());
        for of in SourceType::ALL {
            assert_eq!(SourceType::from_name(of.name()), Some(*of));
            assert!(!of.default_input_type().is_empty());
            assert_eq!(of.keyword().form == KeywordForm::Unused, of.is_manual());
        }
    }
}

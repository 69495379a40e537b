//! Names that other tools and the console use for keys of a definition.

/// Other name, folded like in [`crate::suggest`], and key. One name can map to different keys in different objects; the
/// one that the object has applies.
const ALIASES: &[(&str, &str)] = &[
    ("sources", "datasources"),
    ("mappingsources", "datasources"),
    ("evidencesources", "datasources"),
    ("controlmappingsource", "datasources"),
    ("controlsources", "controlMappingSources"),
    ("testinginformation", "testingInformation"),
    ("testing", "testingInformation"),
    ("testprocedure", "testingInformation"),
    ("actionplan", "actionPlanInstructions"),
    ("remediation", "actionPlanInstructions"),
    ("title", "name"),
    ("controlname", "name"),
    ("frameworkname", "name"),
    ("summary", "description"),
    ("oldnames", "renamedFrom"),
    ("previousnames", "renamedFrom"),
    ("renamed", "renamedFrom"),
    ("name", "sourceName"),
    ("type", "sourceType"),
    ("description", "sourceDescription"),
    ("setupoption", "sourceSetUpOption"),
    ("frequency", "sourceFrequency"),
    ("keyword", "sourceKeyword"),
    ("troubleshooting", "troubleshootingText"),
    ("inputtype", "keywordInputType"),
    ("type", "keywordInputType"),
    ("value", "keywordValue"),
    ("keyword", "keywordValue"),
    ("compliance", "complianceType"),
    ("standard", "complianceType"),
    ("sets", "controlSets"),
    ("controlset", "controlSets"),
    ("control", "controls"),
];

/// Returns the key of an object that another name refers to.
pub(super) fn meant<'a>(name: &str, keys: &[&'a str]) -> Option<&'a str> {
    let folded: String = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect();
    let mut ours = ALIASES.iter().filter(|(other, _)| *other == folded).map(|(_, ours)| *ours);
    ours.find_map(|ours| keys.iter().copied().find(|key| *key == ours))
}

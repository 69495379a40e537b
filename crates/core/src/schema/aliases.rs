//! Names of members in other tools, and in the console, for which there is one of our own.

/// Another name, folded as [`crate::suggest`] does, and ours. One name can mean different members in different objects;
/// the one that the object has is meant.
const ALIASES: &[(&str, &str)] = &[
    ("sources", "datasources"),
    ("mappingsources", "datasources"),
    ("evidencesources", "datasources"),
    ("controlmappingsource", "datasources"),
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

/// The member of an object that another name stands for.
pub(super) fn meant<'a>(name: &str, members: &[&'a str]) -> Option<&'a str> {
    let folded: String = name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect();
    let mut ours = ALIASES.iter().filter(|(other, _)| *other == folded).map(|(_, ours)| *ours);
    ours.find_map(|ours| members.iter().copied().find(|member| *member == ours))
}

//! The Regions of AWS, for "did you mean".

use crate::suggest::closest;

/// Names and locations
/// (<https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html>). Newer Regions are valid without being here.
const REGIONS: [(&str, &str); 39] = [
    ("af-south-1", "Cape Town"),
    ("ap-east-1", "Hong Kong"),
    ("ap-east-2", "Taipei"),
    ("ap-northeast-1", "Tokyo"),
    ("ap-northeast-2", "Seoul"),
    ("ap-northeast-3", "Osaka"),
    ("ap-south-1", "Mumbai"),
    ("ap-south-2", "Hyderabad"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-2", "Sydney"),
    ("ap-southeast-3", "Jakarta"),
    ("ap-southeast-4", "Melbourne"),
    ("ap-southeast-5", "Malaysia"),
    ("ap-southeast-6", "New Zealand"),
    ("ap-southeast-7", "Thailand"),
    ("ca-central-1", "Canada"),
    ("ca-west-1", "Calgary"),
    ("cn-north-1", "Beijing"),
    ("cn-northwest-1", "Ningxia"),
    ("eu-central-1", "Frankfurt"),
    ("eu-central-2", "Zurich"),
    ("eu-north-1", "Stockholm"),
    ("eu-south-1", "Milan"),
    ("eu-south-2", "Spain"),
    ("eu-west-1", "Ireland"),
    ("eu-west-2", "London"),
    ("eu-west-3", "Paris"),
    ("eusc-de-east-1", "Germany"),
    ("il-central-1", "Tel Aviv"),
    ("me-central-1", "UAE"),
    ("me-south-1", "Bahrain"),
    ("mx-central-1", "Mexico"),
    ("sa-east-1", "Sao Paulo"),
    ("us-east-1", "Virginia"),
    ("us-east-2", "Ohio"),
    ("us-gov-east-1", "GovCloud (US-East)"),
    ("us-gov-west-1", "GovCloud (US-West)"),
    ("us-west-1", "California"),
    ("us-west-2", "Oregon"),
];

/// Whether a word has the form of a Region: lowercase words and a number, joined by hyphens.
pub fn is_region(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    words.len() >= 2
        && words.iter().all(is_word)
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Beginnings of the names of Regions that are in another partition than `aws`
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>).
const PARTITIONS: [(&str, &str); 5] = [
    ("cn-", "aws-cn"),
    ("eusc-", "aws-eusc"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
];

/// Returns the partition of a Region, which ARNs begin with.
pub fn partition(region: &str) -> &'static str {
    PARTITIONS.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, partition)| partition)
}

/// Returns the known Region that a word may mean: its name misspelled, or its location.
///
/// ```
/// use controlsync_core::regions::meant;
/// assert_eq!(meant("US-EAST-1"), Some("us-east-1"));
/// assert_eq!(meant("Frankfurt"), Some("eu-central-1"));
/// assert_eq!(meant("moon"), None);
/// ```
pub fn meant(word: &str) -> Option<&'static str> {
    let by_location = || {
        let location = closest(word, REGIONS.iter().map(|(_, location)| *location))?;
        REGIONS.iter().find(|(_, of)| *of == location).map(|(name, _)| *name)
    };
    closest(word, REGIONS.iter().map(|(name, _)| *name)).or_else(by_location)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_in_a_partition() {
        for (region, expected) in
            [("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn"), ("us-east-1", "aws")]
        {
            assert_eq!(partition(region), expected);
        }
    }

    #[test]
    fn every_known_region_has_the_form_of_one() {
        for (name, _) in REGIONS {
            assert!(is_region(name) && meant(name) == Some(name), "{name}");
        }
        for other in ["", "us-east", "US-EAST-1", "Frankfurt", "eu-west-1 ", "eu--1", "eu-west-1a", "us-east-one"] {
            assert!(!is_region(other), "{other:?}");
        }
    }

    #[test]
    fn a_misspelled_region_is_recognized() {
        for (word, region) in
            [("eu-west1", "eu-west-1"), ("EU West 2", "eu-west-2"), ("ohio", "us-east-2"), ("sao paulo", "sa-east-1")]
        {
            assert_eq!(meant(word), Some(region), "{word}");
        }
    }
}

//! The invariants of the runner, with inputs that shrink.

use controlsync_mutation::files;
use controlsync_mutation::mutate::{arbitrary, mutated};
use controlsync_mutation::{ENTRIES, File};
use fastrand::Rng;
use proptest::prelude::*;

const CONTROL: &str = include_str!("../../findings/cases/clean/full.yaml");
const FRAMEWORK: &str = include_str!("../../../frameworks/cloud-baseline.yaml");

fn verified(input: &[File]) -> Result<(), TestCaseError> {
    files::verify(input).map_err(|reason| TestCaseError::fail(format!("{reason:#}")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn mutated_definitions_are_checked_and_fixed(seed in any::<u64>()) {
        let mut rng = Rng::with_seed(seed);
        let texts = [CONTROL, FRAMEWORK].map(|text| text.as_bytes().to_vec());
        verified(&[
            ("controls/a.yaml".to_owned(), mutated(&texts[0], &texts, &mut rng)),
            ("frameworks/f.yaml".to_owned(), mutated(&texts[1], &texts, &mut rng)),
        ])?;
    }

    #[test]
    fn arbitrary_bytes_are_checked_and_fixed(seed in any::<u64>()) {
        let mut rng = Rng::with_seed(seed);
        verified(&[
            ("controls/a.yaml".to_owned(), arbitrary(&mut rng)),
            ("controlsync.toml".to_owned(), arbitrary(&mut rng)),
            ("keywords/AWS_Config.txt".to_owned(), arbitrary(&mut rng)),
        ])?;
    }

    #[test]
    fn random_bytes_are_checked_and_fixed(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        verified(&[("controls/a.yaml".to_owned(), bytes)])?;
    }
}

/// A few inputs for every entry point; a run of the program has many.
#[test]
fn every_entry_point_handles_any_input() {
    let corpora: Vec<File> = [("control.yaml", CONTROL), ("framework.yaml", FRAMEWORK)]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into();
    for entry in ENTRIES {
        let mut rng = Rng::with_seed(7);
        for number in 0..40 {
            let files = (entry.input)(&corpora, &mut rng);
            if let Err(reason) = (entry.verify)(&files) {
                panic!("{} {number}: {reason:#}\n{files:?}", entry.name);
            }
        }
    }
}

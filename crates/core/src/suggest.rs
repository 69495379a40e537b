//! Did you mean: the known word that a mistyped one is closest to.

/// The closest of the candidates, where one is close enough to be meant: the same but for case, `_`, `-` and blanks, or
/// at most a third of the letters away.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(word);
    let length = wanted.chars().count();
    let allowed = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let known = folded(candidate);
        if known == wanted {
            return Some(candidate);
        }
        if known.chars().count().abs_diff(length) > allowed {
            continue;
        }
        let distance = strsim::osa_distance(&wanted, &known);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_what_was_meant_and_nothing_else() {
        let keys = ["name", "description", "datasources", "tags"];
        assert_eq!(closest("descripton", keys), Some("description"));
        assert_eq!(closest("data_sources", keys), Some("datasources"));
        assert_eq!(closest("Tags", keys), Some("tags"));
        assert_eq!(closest("owner", keys), None);
        assert_eq!(closest("", keys), None);
    }
}

//! Matches the data sources and control sets of a file with those of the account, so that their IDs survive an edit.

/// Whether a desired and a live item belong together.
pub(super) type Relation<'a, D, H> = &'a dyn Fn(&D, &H) -> bool;

/// Above this many items, the first free partner is good enough: a control has at most 100 data sources, and control
/// sets leave nothing unset, so reassigning partners gains nothing.
const MAX_AUGMENTED: usize = 200;

/// Pairs desired with live items, each at most once: first as many as possible that are equal and match under the first
/// relation, then those that match under the first relation, then under the second, and so on. Ties are resolved in the
/// order of the slices.
///
/// Returns the index of the live item for each desired one. The relations must be equivalences on the fields they
/// compare; `equal` need not be, because a file may leave fields unset.
pub(super) fn pair<D, H>(
    desired: &[D],
    live: &[H],
    relations: &[Relation<'_, D, H>],
    equal: Relation<'_, D, H>,
) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = vec![None; desired.len()];
    let mut taken: Vec<Option<usize>> = vec![None; live.len()];
    if let Some(first) = relations.first() {
        let exact = |d: usize, h: usize| first(&desired[d], &live[h]) && equal(&desired[d], &live[h]);
        for d in 0..desired.len() {
            if let Some(h) = (0..live.len()).find(|h| taken[*h].is_none() && exact(d, *h)) {
                taken[h] = Some(d);
            } else if desired.len() <= MAX_AUGMENTED {
                augment(d, live.len(), &exact, &mut vec![false; live.len()], &mut taken);
            }
        }
        for (h, d) in taken.iter().enumerate() {
            if let Some(d) = d {
                pairs[*d] = Some(h);
            }
        }
    }
    for relation in relations {
        for d in 0..desired.len() {
            if pairs[d].is_none()
                && let Some(h) = (0..live.len()).find(|h| taken[*h].is_none() && relation(&desired[d], &live[*h]))
            {
                pairs[d] = Some(h);
                taken[h] = Some(d);
            }
        }
    }
    pairs
}

/// One step of Kuhn's maximum matching: finds a partner for `d`, reassigning others that have an alternative.
fn augment(
    d: usize,
    live: usize,
    matches: &dyn Fn(usize, usize) -> bool,
    seen: &mut [bool],
    taken: &mut [Option<usize>],
) -> bool {
    for h in 0..live {
        if !seen[h] && matches(d, h) {
            seen[h] = true;
            let free = taken[h].is_none_or(|other| augment(other, live, matches, seen, taken));
            if free {
                taken[h] = Some(d);
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::pair;

    type Desired = (&'static str, Option<&'static str>);
    type Live = (&'static str, &'static str);

    fn paired(desired: &[Desired], live: &[Live]) -> Vec<Option<usize>> {
        let name = |d: &Desired, h: &Live| d.0 == h.0;
        let stated = |d: &Desired, h: &Live| d.1.is_none_or(|value| value == h.1);
        pair(desired, live, &[&name], &stated)
    }

    #[test]
    fn a_source_with_unset_fields_takes_the_partner_that_is_left() {
        let desired = [("s", None), ("s", Some("DAILY"))];
        assert_eq!(paired(&desired, &[("s", "DAILY"), ("s", "WEEKLY")]), [Some(1), Some(0)]);
    }

    #[test]
    fn ties_are_resolved_in_order_and_no_partner_is_used_twice() {
        let desired = [("s", Some("a")), ("s", Some("b")), ("t", Some("c"))];
        assert_eq!(paired(&desired, &[("s", "x"), ("s", "y")]), [Some(0), Some(1), None]);
    }
}

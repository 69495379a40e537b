//! Which thing of the file is which thing of the account, so that its id survives an edit.

/// Whether a desired and a held thing belong together.
pub(super) type Relation<'a, D, H> = &'a dyn Fn(&D, &H) -> bool;

/// Above this many things the first free partner is good enough: a control has at most 100 sources, and the sets of a
/// framework leave nothing open, so that nothing is gained by moving others.
const MAX_AUGMENTED: usize = 200;

/// Pairs desired with held things, each at most once: first what is wholly equal under the first relation, as many as
/// possible, then what the first relation joins, then the second, and so on. Ties go in the order of the slices.
///
/// Gives for every desired thing the index of the held one. The relations must be equivalences on what they look at;
/// `equal` need not be, because a file may leave open what the account holds.
pub(super) fn pair<D, H>(
    desired: &[D],
    held: &[H],
    relations: &[Relation<'_, D, H>],
    equal: Relation<'_, D, H>,
) -> Vec<Option<usize>> {
    let mut pairs: Vec<Option<usize>> = vec![None; desired.len()];
    let mut taken: Vec<Option<usize>> = vec![None; held.len()];
    if let Some(first) = relations.first() {
        let exact = |d: usize, h: usize| first(&desired[d], &held[h]) && equal(&desired[d], &held[h]);
        for d in 0..desired.len() {
            if let Some(h) = (0..held.len()).find(|h| taken[*h].is_none() && exact(d, *h)) {
                taken[h] = Some(d);
            } else if desired.len() <= MAX_AUGMENTED {
                augment(d, held.len(), &exact, &mut vec![false; held.len()], &mut taken);
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
                && let Some(h) = (0..held.len()).find(|h| taken[*h].is_none() && relation(&desired[d], &held[*h]))
            {
                pairs[d] = Some(h);
                taken[h] = Some(d);
            }
        }
    }
    pairs
}

/// One step of Kuhn's maximum matching: finds a partner for `d`, moving others where they have another choice.
fn augment(
    d: usize,
    held: usize,
    joined: &dyn Fn(usize, usize) -> bool,
    seen: &mut [bool],
    taken: &mut [Option<usize>],
) -> bool {
    for h in 0..held {
        if !seen[h] && joined(d, h) {
            seen[h] = true;
            let free = taken[h].is_none_or(|other| augment(other, held, joined, seen, taken));
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
    type Held = (&'static str, &'static str);

    fn paired(desired: &[Desired], held: &[Held]) -> Vec<Option<usize>> {
        let name = |d: &Desired, h: &Held| d.0 == h.0;
        let stated = |d: &Desired, h: &Held| d.1.is_none_or(|value| value == h.1);
        pair(desired, held, &[&name], &stated)
    }

    #[test]
    fn what_a_file_leaves_open_takes_what_is_left() {
        let desired = [("s", None), ("s", Some("DAILY"))];
        assert_eq!(paired(&desired, &[("s", "DAILY"), ("s", "WEEKLY")]), [Some(1), Some(0)]);
    }

    #[test]
    fn ties_go_in_order_and_nothing_is_used_twice() {
        let desired = [("s", Some("a")), ("s", Some("b")), ("t", Some("c"))];
        assert_eq!(paired(&desired, &[("s", "x"), ("s", "y")]), [Some(0), Some(1), None]);
    }
}

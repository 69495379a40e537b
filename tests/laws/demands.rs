//! Demands on parameters, compared with all values of a small domain.

use controlsync_core::demand::{Demand, ListForm, ParameterType, common_value};
use proptest::prelude::*;

/// Numbers in demands and values.
const NUMBERS: std::ops::Range<i64> = 0..6;
/// Words in demands and values.
const WORDS: [&str; 3] = ["a", "b", "c"];

fn on_numbers() -> impl Strategy<Value = Demand> {
    let number = || proptest::option::weighted(0.3, NUMBERS.prop_map(|number| number.to_string()));
    let numbers = proptest::collection::vec(NUMBERS.prop_map(|number| number.to_string()), 0..3);
    (number(), number(), number(), numbers).prop_map(|(exactly, at_most, at_least, one_of)| Demand {
        exactly,
        at_most,
        at_least,
        one_of,
        ..Demand::default()
    })
}

/// Returns all lists of elements.
fn lists(elements: [&str; 3]) -> impl Iterator<Item = String> {
    (0..8_usize).map(move |bits| {
        let chosen = elements.iter().enumerate().filter(|(index, _)| bits >> index & 1 == 1);
        chosen.map(|(_, element)| *element).collect::<Vec<_>>().join(",")
    })
}

fn on_lists(elements: [&'static str; 3], list: Option<ListForm>) -> impl Strategy<Value = Demand> {
    let some = move || proptest::collection::vec(proptest::sample::select(elements.to_vec()), 0..3);
    let texts = |texts: Vec<&str>| -> Vec<String> { texts.into_iter().map(str::to_owned).collect() };
    let exactly = proptest::option::weighted(0.2, some().prop_map(|list| list.join(",")));
    (exactly, some(), some()).prop_map(move |(exactly, includes, within)| Demand {
        exactly,
        includes: texts(includes),
        within: texts(within),
        list,
        ..Demand::default()
    })
}

/// Demands conflict if and only if no value of the domain meets all of them.
fn agree_with(
    demands: &[Demand],
    of: ParameterType,
    mut domain: impl Iterator<Item = String>,
) -> Result<(), TestCaseError> {
    let demands: Vec<&Demand> = demands.iter().collect();
    let is_met = |value: &str| demands.iter().all(|demand| demand.is_met(value, of));
    let found = common_value(&demands, of);
    prop_assert!(found.as_deref().is_none_or(is_met), "{found:?}");
    prop_assert_eq!(found.is_some(), domain.any(|value| is_met(&value)));
    Ok(())
}

proptest! {
    #[test]
    fn demands_on_numbers_conflict_only_if_no_number_meets_them(
        demands in proptest::collection::vec(on_numbers(), 1..4)
    ) {
        // A demand without any bound is met by every number.
        let bounded = demands.iter().any(|demand| *demand != Demand::default());
        prop_assume!(bounded);
        agree_with(&demands, ParameterType::Int, NUMBERS.map(|number| number.to_string()))?;
        agree_with(&demands, ParameterType::Double, NUMBERS.map(|number| number.to_string()))?;
    }

    #[test]
    fn demands_on_lists_conflict_only_if_no_list_meets_them(
        demands in proptest::collection::vec(on_lists(WORDS, None), 1..4)
    ) {
        agree_with(&demands, ParameterType::Csv, lists(WORDS))?;
    }

    #[test]
    fn demands_on_ports_conflict_only_if_no_list_meets_them(
        demands in proptest::collection::vec(on_lists(["22", "80-90", "443"], Some(ListForm::Ports)), 1..4)
    ) {
        agree_with(&demands, ParameterType::String, lists(["22", "80-90", "443"]))?;
    }
}

#[test]
fn values_compare_by_their_type() {
    let exactly = |text: &str| Demand { exactly: Some(text.to_owned()), ..Demand::default() };
    for (demand, value, of, expected) in [
        (exactly("90"), "90.0", ParameterType::Double, true),
        (exactly("90"), " 90", ParameterType::Int, true),
        (exactly("90"), "ninety", ParameterType::Int, false),
        (exactly("true"), "True", ParameterType::Boolean, false),
        (exactly("a, b"), "b,a", ParameterType::Csv, true),
        (exactly("a, b"), "b,a", ParameterType::String, false),
        (exactly("20-22"), "22,20,21", ParameterType::String, false),
        (Demand { list: Some(ListForm::Ports), ..exactly("20-22") }, "22, 20,21", ParameterType::String, true),
        (Demand { list: Some(ListForm::Ports), ..exactly("20-22") }, "ssh", ParameterType::String, false),
        (exactly("k:v"), "k:v", ParameterType::StringMap, true),
    ] {
        assert_eq!(demand.is_met(value, of), expected, "{demand:?} {value}");
    }
}

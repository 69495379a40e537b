//! Quotas of Audit Manager: the one table of their figures.
//!
//! AWS raises them on request, and nothing that the service returns says what an account has. So they never block a change: lint and
//! plan warn, and the service decides.

/// A quota per account and Region (<https://docs.aws.amazon.com/audit-manager/latest/userguide/service-quotas.html>).
#[derive(Debug, PartialEq, Eq)]
pub struct Quota {
    /// Key under `[quotas]`.
    pub key: &'static str,
    /// Figure of an account for which AWS has not raised it.
    pub default: usize,
    /// Code in Service Quotas, where it can be raised (<https://docs.aws.amazon.com/general/latest/gr/audit-manager.html>).
    pub code: &'static str,
}

/// Custom controls.
pub static CUSTOM_CONTROLS: Quota = Quota { key: "custom_controls", default: 500, code: "L-0255B75F" };
/// Custom frameworks, including shared ones in the library.
pub static CUSTOM_FRAMEWORKS: Quota = Quota { key: "custom_frameworks", default: 100, code: "L-8935A6F1" };
/// Controls in a framework. AWS documents no figure; its largest own framework has 1,007 controls
/// (<https://docs.aws.amazon.com/audit-manager/latest/userguide/framework-issues.html>).
pub static CONTROLS_PER_FRAMEWORK: Quota = Quota { key: "controls_per_framework", default: 1400, code: "L-724DD74D" };

/// All of them.
pub static ALL: [&Quota; 3] = [&CUSTOM_CONTROLS, &CUSTOM_FRAMEWORKS, &CONTROLS_PER_FRAMEWORK];

/// The quotas of an account.
///
/// ```
/// use controlsync_core::quotas::{CUSTOM_CONTROLS, CUSTOM_FRAMEWORKS, Quotas};
/// let raised = Quotas::parse("custom_controls=800").unwrap();
/// assert_eq!(raised.of(&CUSTOM_CONTROLS), 800);
/// assert_eq!(raised.of(&CUSTOM_FRAMEWORKS), 100);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quotas(Vec<(&'static str, usize)>);

impl Quotas {
    /// Returns the figure of a quota: as it is set, or else the default.
    pub fn of(&self, quota: &Quota) -> usize {
        self.0.iter().rev().find(|(key, _)| *key == quota.key).map_or(quota.default, |(_, figure)| *figure)
    }

    /// Sets a quota. Other keys are ignored.
    pub fn set(&mut self, key: &str, figure: usize) {
        self.0.extend(ALL.iter().filter(|quota| quota.key == key).map(|quota| (quota.key, figure)));
    }

    /// Returns these quotas, with those that are set in others.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        self.0.extend(&others.0);
        self
    }

    /// Parses quotas such as `custom_controls=800,custom_frameworks=200`.
    ///
    /// # Errors
    ///
    /// The part that is not a quota with a positive whole number.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut quotas = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (key, figure) = part.split_once('=').ok_or_else(|| part.to_owned())?;
            let figure = figure.trim().parse().ok().filter(|figure| *figure > 0).ok_or_else(|| part.to_owned())?;
            let known = ALL.iter().any(|quota| quota.key == key.trim());
            known.then(|| quotas.set(key.trim(), figure)).ok_or_else(|| part.to_owned())?;
        }
        Ok(quotas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use crate::source::FileKind;

    #[test]
    fn the_configuration_accepts_exactly_these_quotas() {
        let schema = schema::json(FileKind::Config);
        let keys = schema.pointer("/properties/quotas/properties").and_then(serde_json::Value::as_object).unwrap();
        assert!(keys.keys().eq(ALL.iter().map(|quota| quota.key)));
    }

    #[test]
    fn later_figures_replace_earlier_ones() {
        let file = Quotas::parse("custom_controls=600, custom_frameworks=150").unwrap();
        let both = file.and(&Quotas::parse("custom_controls=800").unwrap());
        assert_eq!(ALL.map(|quota| both.of(quota)), [800, 150, 1400]);
        assert_eq!(Quotas::parse("").unwrap(), Quotas::default());
        assert_eq!(ALL.map(|quota| Quotas::default().of(quota)), [500, 100, 1400]);
    }

    #[test]
    fn a_wrong_part_is_named() {
        for wrong in
            ["controls=1", "custom_controls", "custom_controls=0", "custom_controls=-1", "custom_controls=many"]
        {
            assert_eq!(Quotas::parse(&format!("custom_frameworks=9,{wrong}")), Err(wrong.to_owned()));
        }
    }
}

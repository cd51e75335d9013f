/// A number, with the separators of the reader's language.
#[cfg(target_arch = "wasm32")]
pub fn number(number: u64) -> String {
    // Well below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let number = js_sys::Number::from(number as f64);
    number.to_locale_string(&crate::browser::language()).into()
}

#[cfg(not(target_arch = "wasm32"))]
pub fn number(number: u64) -> String {
    number.to_string()
}

/// Which form of a word goes with a number, by CLDR's names: "one", "few", "other".
#[cfg(target_arch = "wasm32")]
pub fn category(number: u64) -> Option<String> {
    use js_sys::{Array, Intl::PluralRules, Object};
    let rules = PluralRules::new(
        &Array::of1(&crate::browser::language().into()),
        &Object::new(),
    );
    // Well below 2^53.
    #[allow(clippy::cast_precision_loss)]
    let category = rules.select(number as f64);
    Some(category.into())
}

/// As English and German have it.
#[cfg(not(target_arch = "wasm32"))]
pub fn category(number: u64) -> Option<String> {
    (number == 1).then(|| "one".to_owned())
}

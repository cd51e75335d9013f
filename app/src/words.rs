//! Small phrases.

/// How many there are of something: "1 code", "3 codes".
pub fn counted(number: u32, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    [&number.to_string(), " ", word].concat()
}

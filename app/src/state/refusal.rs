//! Why a form was not taken, and which of its fields that is about.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A sentence for people.
    pub sentence: String,
    /// The field, by the name that it has on the wire.
    pub field: Option<String>,
}

impl Refusal {
    pub fn new(sentence: &str) -> Self {
        Self {
            sentence: sentence.to_owned(),
            field: None,
        }
    }

    #[must_use]
    pub fn on_field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// Whether it is about this field.
    pub fn is_about(&self, field: &str) -> bool {
        self.field.as_deref() == Some(field)
    }

    /// Whether it is about none of these fields, but about the form as a whole.
    pub fn is_about_none_of(&self, fields: &[&str]) -> bool {
        !fields.iter().any(|field| self.is_about(field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_about_its_field_or_about_the_form() {
        let taken = Refusal::new("Taken.").on_field("username");
        assert!(taken.is_about("username") && !taken.is_about("password"));
        assert!(taken.is_about_none_of(&["code"]) && !taken.is_about_none_of(&["username"]));
        let late = Refusal::new("Too late.");
        assert!(!late.is_about("username") && late.is_about_none_of(&["username"]));
    }
}

//! Figures of several rounds, and the table that they go into.

use std::fmt;

/// The middle of several rounds, and how far they lie apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    pub median: f64,
    pub lowest: f64,
    pub highest: f64,
}

impl Figure {
    pub fn of(rounds: &[f64]) -> Self {
        let mut sorted = rounds.to_vec();
        sorted.sort_by(f64::total_cmp);
        Self {
            median: quantile(&sorted, 0.5),
            lowest: sorted.first().copied().unwrap_or(f64::NAN),
            highest: sorted.last().copied().unwrap_or(f64::NAN),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} ({} to {})",
            short(self.median),
            short(self.lowest),
            short(self.highest)
        )
    }
}

/// A number with as many digits as mean something.
pub fn short(number: f64) -> String {
    let digits = match number.abs() {
        large if large >= 1_000.0 => return thousands(number),
        middle if middle >= 100.0 => 0,
        middle if middle >= 10.0 => 1,
        _ => 2,
    };
    format!("{number:.digits$}")
}

fn thousands(number: f64) -> String {
    let whole = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The value below which a share of the values lies, from 0 to 1. NaN of nothing.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    if sorted.is_empty() {
        return f64::NAN;
    }
    let index = (share * sorted.len() as f64).ceil() as usize;
    sorted[index.clamp(1, sorted.len()) - 1]
}

/// The 99th of a hundred.
pub fn p99(waits: &[f64]) -> f64 {
    let mut sorted = waits.to_vec();
    sorted.sort_by(f64::total_cmp);
    quantile(&sorted, 0.99)
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    pub what: String,
    pub natter: String,
    pub peer: String,
    pub ratio: String,
    pub goal: String,
    /// `None` where there is no goal.
    pub met: Option<bool>,
}

impl Row {
    /// In place of what could not be measured.
    pub fn failed(what: &str, error: &anyhow::Error) -> Self {
        Self {
            what: what.to_owned(),
            natter: format!("not measured: {error:#}").replace('\n', " "),
            peer: String::new(),
            ratio: String::new(),
            goal: String::new(),
            met: Some(false),
        }
    }
}

/// The table, as Markdown.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| what | Natter | peer | ratio | goal | |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let met = match row.met {
            Some(true) => "met",
            Some(false) => "missed",
            None => "",
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {met} |\n",
            row.what, row.natter, row.peer, row.ratio, row.goal
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_of_rounds_is_the_one_in_the_middle() {
        let figure = Figure::of(&[3.0, 1.0, 2.0]);
        assert_eq!(
            (figure.median, figure.lowest, figure.highest),
            (2.0, 1.0, 3.0)
        );
    }

    #[test]
    fn of_a_hundred_waits_one_is_above_the_99th() {
        let waits: Vec<f64> = (1..=100).map(f64::from).rev().collect();
        assert_eq!(p99(&waits), 99.0);
    }

    #[test]
    fn numbers_have_as_many_digits_as_mean_something() {
        let numbers = [1_234_567.8, 1_000.0, 999.4, 12.34, 0.123];
        let texts = numbers.map(short);
        assert_eq!(texts, ["1,234,568", "1,000", "999", "12.3", "0.12"]);
    }
}

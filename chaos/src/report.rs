//! The table at the end, and what exactly is wrong.

use std::{fmt, time::Duration};

use crate::{
    audit::{Kind, Outcome},
    schedule::FaultKind,
};

/// How many findings of one kind are told in full.
const SHOWN: usize = 10;

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    pub seed: u64,
    pub outcome: Outcome,
    /// How often each fault was done, or why it could not be.
    pub faults: Vec<(FaultKind, Result<usize, &'static str>)>,
    /// Whether the kernel could have harmed packets itself.
    pub has_netem: bool,
    pub twice: usize,
    pub later: usize,
    pub connections: usize,
    /// How many there were, and how often one loaded its page anew.
    pub browsers: Option<(usize, usize)>,
    pub catching_up: Option<(Duration, Duration)>,
    /// From the last fault until nothing changed any more.
    pub settled_after: Duration,
    pub took: Duration,
}

impl Report {
    pub fn is_well(&self) -> bool {
        self.outcome.findings.is_empty()
    }

    fn rows(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        let mut row = |name: &str, value: String| rows.push((name.to_owned(), value));
        row(
            "acknowledged messages audited",
            grouped(self.outcome.acknowledged),
        );
        row("stored messages", grouped(self.outcome.stored));
        row("conversations", grouped(self.outcome.conversations));
        row("messages sent by two tabs", grouped(self.twice));
        row("connections made", grouped(self.connections));
        if let Some((browsers, reloads)) = self.browsers {
            row(
                "browsers, pages loaded anew",
                format!("{browsers}, {reloads}"),
            );
        }
        row("answers that said: later", grouped(self.later));
        for (kind, done) in &self.faults {
            let value = match done {
                Ok(count) => grouped(*count),
                Err(reason) => format!("not available ({reason})"),
            };
            row(kind.name(), value);
        }
        let netem = if self.has_netem {
            "not used, the proxy stands in"
        } else {
            "not available (the kernel has none), the proxy stands in"
        };
        row("packets harmed by netem", netem.to_owned());
        for kind in Kind::ALL {
            let count = self.outcome.count(kind);
            let always = matches!(
                kind,
                Kind::Lost | Kind::StoredTwice | Kind::Gap | Kind::Disagreement | Kind::Unread
            );
            if always || count > 0 {
                row(kind.name(), grouped(count));
            }
        }
        if let Some((median, longest)) = self.catching_up {
            let value = format!("{} ms, {} ms", median.as_millis(), longest.as_millis());
            row("reconnected to current: median, longest", value);
        }
        row(
            "settled after",
            format!("{:.1} s", self.settled_after.as_secs_f64()),
        );
        row("took", format!("{:.0} s", self.took.as_secs_f64()));
        row("seed", self.seed.to_string());
        rows
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let width = rows.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or_default();
        for (name, value) in rows {
            writeln!(formatter, "  {name:width$}  {value}")?;
        }
        for kind in Kind::ALL {
            let findings = self.outcome.findings.iter();
            let findings: Vec<_> = findings.filter(|finding| finding.kind == kind).collect();
            for finding in findings.iter().take(SHOWN) {
                writeln!(formatter, "{finding}")?;
            }
            if findings.len() > SHOWN {
                let more = findings.len() - SHOWN;
                writeln!(formatter, "{}: and {more} more", kind.name())?;
            }
        }
        Ok(())
    }
}

/// A number with a comma between thousands.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}

//! Numbers: what suites say about themselves, and the table at the end.

use std::ops::AddAssign;

use serde_json::Value;

use crate::child::Finished;

/// How many tests passed and how many did not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
}

impl Tally {
    pub const ONE_PASSED: Self = Self {
        passed: 1,
        failed: 0,
    };
    pub const ONE_FAILED: Self = Self {
        passed: 0,
        failed: 1,
    };
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// One phase in the table.
#[derive(Debug)]
pub struct Row {
    pub phase: &'static str,
    pub seconds: f64,
    pub tally: Tally,
}

/// The sum over all phases.
pub fn total(rows: &[Row]) -> Tally {
    let mut sum = Tally::default();
    for row in rows {
        sum += row.tally;
    }
    sum
}

/// The phases with their times and numbers, and their sum.
pub fn table(rows: &[Row]) -> String {
    let line = |phase: &str, seconds: f64, tally: Tally| {
        format!(
            "{phase:<10}{seconds:>9.1}{:>9}{:>9}",
            tally.passed, tally.failed
        )
    };
    let mut lines = vec![format!(
        "{:<10}{:>9}{:>9}{:>9}",
        "phase", "seconds", "passed", "failed"
    )];
    lines.extend(
        rows.iter()
            .map(|row| line(row.phase, row.seconds, row.tally)),
    );
    let seconds = rows.iter().map(|row| row.seconds).sum();
    lines.push(line("all", seconds, total(rows)));
    lines.join("\n")
}

/// Nextest's line `Summary [ 1.2s] 12 tests run: 10 passed (1 slow), 2 failed, 3 skipped`. Where
/// it broke off it counts `5/12 tests run`: what did not run did not pass.
pub fn of_nextest(finished: &Finished) -> Option<Tally> {
    let summary = finished.lines.iter().rev().find_map(|line| {
        let line = line.trim();
        line.strip_prefix("Summary")?
            .split_once(']')
            .map(|(_, rest)| rest)
    })?;
    let (run, results) = summary
        .split_once(" tests run:")
        .or_else(|| summary.split_once(" test run:"))?;
    let run: u64 = run.rsplit('/').next()?.trim().parse().ok()?;
    let passed = number_before(results, "passed").unwrap_or(0);
    Some(Tally {
        passed,
        failed: run.saturating_sub(passed),
    })
}

/// Every `test result: ok. 3 passed; 0 failed; …` of `cargo test` or the wasm test runner.
pub fn of_cargo_test(finished: &Finished) -> Option<Tally> {
    let mut sum = Tally::default();
    for line in &finished.lines {
        if let Some(results) = line.trim().strip_prefix("test result:") {
            sum += Tally {
                passed: number_before(results, "passed")?,
                failed: number_before(results, "failed")?,
            };
        }
    }
    Some(sum)
}

/// The numbers that our Playwright reporter writes, and how many it skipped.
pub fn of_playwright(json: &str) -> Option<(Tally, u64)> {
    let summary: Value = serde_json::from_str(json).ok()?;
    let number = |name: &str| summary[name].as_u64();
    let tally = Tally {
        passed: number("passed")?,
        failed: number("failed")?,
    };
    Some((tally, number("skipped").unwrap_or(0)))
}

/// The number in front of a word: 12 in `ok. 12 passed; 0 failed`.
fn number_before(text: &str, word: &str) -> Option<u64> {
    let words: Vec<&str> = text
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let place = words.iter().position(|other| *other == word)?;
    words[..place].last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrote(lines: &[&str]) -> Finished {
        Finished {
            success: true,
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    fn tally(passed: u64, failed: u64) -> Option<Tally> {
        Some(Tally { passed, failed })
    }

    #[test]
    fn nextest_is_counted_by_its_summary() {
        let count = |line| of_nextest(&wrote(&["  PASS [ 0.1s] some test", line, "error: end"]));
        assert_eq!(
            count("     Summary [   0.051s] 3 tests run: 3 passed, 0 skipped"),
            tally(3, 0)
        );
        assert_eq!(
            count(
                "     Summary [   1.5s] 12 tests run: 9 passed (1 slow, 2 leaky), 2 failed, 1 timed out, 4 skipped"
            ),
            tally(9, 3)
        );
        assert_eq!(
            count("     Summary [   0.1s] 1 test run: 0 passed, 1 failed, 0 skipped"),
            tally(0, 1)
        );
        assert_eq!(
            count("     Summary [   0.1s] 5/12 tests run: 4 passed, 1 failed, 0 skipped"),
            tally(4, 8)
        );
        assert_eq!(
            count("     Summary [   0.000s] 0 tests run: 0 passed, 0 skipped"),
            tally(0, 0)
        );
        assert_eq!(count("error: could not compile"), None);
    }

    #[test]
    fn cargo_test_is_counted_over_all_its_results() {
        let output = wrote(&[
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
            "running 2 tests",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
        ]);
        assert_eq!(of_cargo_test(&output), tally(4, 1));
        assert_eq!(of_cargo_test(&wrote(&["no tests"])), tally(0, 0));
    }

    #[test]
    fn playwright_is_counted_by_the_file_of_its_reporter() {
        let json = r#"{"passed": 40, "failed": 2, "skipped": 1}"#;
        assert_eq!(
            of_playwright(json),
            Some((
                Tally {
                    passed: 40,
                    failed: 2
                },
                1
            ))
        );
        assert_eq!(of_playwright("{}"), None);
        assert_eq!(of_playwright("not JSON"), None);
    }

    #[test]
    fn the_table_ends_with_the_sum() {
        let row = |phase, seconds, passed, failed| Row {
            phase,
            seconds,
            tally: Tally { passed, failed },
        };
        let rows = [row("lint", 1.25, 6, 1), row("unit", 10.0, 100, 0)];
        let table = table(&rows);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "phase       seconds   passed   failed");
        assert_eq!(lines[3], "all            11.2      106        1");
    }
}

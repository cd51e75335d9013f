//! The machine: its processors, what a process takes of them, and what it is.

use std::{fs, time::Duration};

use anyhow::{Context, Result};
use rustix::{
    process::{Resource, getrlimit, setrlimit},
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};

/// Which processors a process may use.
#[derive(Clone, Copy, Debug)]
pub enum Seat {
    /// The first one, for the server that is measured: Node can use no more, so nobody does.
    Server,
    /// All others, for the load.
    Load,
}

/// Runs `start` with the processors of a seat, which a process that is started then inherits.
pub fn seated<T>(seat: Seat, start: impl FnOnce() -> Result<T>) -> Result<T> {
    let all = sched_getaffinity(None)?;
    let mut cpus: Vec<usize> = (0..CpuSet::MAX_CPU)
        .filter(|cpu| all.is_set(*cpu))
        .collect();
    anyhow::ensure!(
        cpus.len() > 1,
        "One processor is too few: the server and the load need one each."
    );
    let others = cpus.split_off(1);
    let chosen = match seat {
        Seat::Server => cpus,
        Seat::Load => others,
    };
    let mut set = CpuSet::new();
    for cpu in chosen {
        set.set(cpu);
    }
    sched_setaffinity(None, &set)?;
    let started = start();
    sched_setaffinity(None, &all)?;
    started
}

/// Lets this process, and what it starts, have as many open sockets as the system allows.
pub fn allow_many_sockets() -> Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    Ok(setrlimit(Resource::Nofile, limit)?)
}

/// Processor time that a process has used so far, of all its threads.
pub fn cpu_time(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name stands in parentheses and may hold anything; behind it user time is field 12 and
    // system time field 13 (proc_pid_stat(5)), in hundredths of a second.
    let (_, fields) = stat.rsplit_once(')').context("no process")?;
    let ticks: u64 = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// Resident memory of a process, in bytes.
pub fn resident(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    let kilobytes: u64 = kilobytes.context("no process")?.parse()?;
    Ok(kilobytes * 1_024)
}

/// The machine in words, as far as it matters to the figures.
pub fn description() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("an unknown processor", |(_, name)| name);
    let processors = cpuinfo
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory
        .lines()
        .find(|line| line.starts_with("MemTotal:"))
        .and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .unwrap_or_default();
    format!(
        "{processors} processors ({model}), {} GB of memory, Linux {}",
        memory / 1_000_000,
        kernel.trim()
    )
}

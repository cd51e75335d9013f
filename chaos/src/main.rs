//! The command line of the harness; `cargo xtask chaos` builds everything and calls it.

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use chaos::{
    run::{self, Options},
    schedule::FaultKind,
    self_test,
    world::Rules,
};
use clap::{Parser, ValueEnum};

/// Makes everything go wrong around a running server, and audits what is left.
#[derive(Debug, Parser)]
#[command(name = "chaos", version, about)]
struct Arguments {
    /// How long it takes, in seconds.
    #[arg(long, default_value_t = 180, conflicts_with = "hours")]
    seconds: u64,
    /// How long it takes, in hours.
    #[arg(long)]
    hours: Option<f64>,
    /// Repeats the schedule and the choices of another run. [default: from the clock]
    #[arg(long)]
    seed: Option<u64>,
    /// How many clients there are.
    #[arg(long, default_value_t = 40)]
    clients: usize,
    /// Messages a second, of all clients together.
    #[arg(long, default_value_t = 200.0)]
    rate: f64,
    /// How many browsers there are besides: pages of people who have native clients too.
    #[arg(long, default_value_t = 0)]
    browsers: usize,
    /// The program natter-server.
    #[arg(long)]
    server: PathBuf,
    /// The built pages, for browsers.
    #[arg(long)]
    site: Option<PathBuf>,
    /// Where messages are stored.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// An empty PostgreSQL.
    #[arg(
        long,
        env = "NATTER_TEST_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_url: Option<String>,
    /// The command that restarts that PostgreSQL, as a JSON array. [default: it is not restarted]
    #[arg(long, env = "NATTER_TEST_DATABASE_RESTART", value_name = "COMMAND")]
    restart_database: Option<String>,
    /// Only these faults, to look for a cause. [default: all]
    #[arg(long, value_delimiter = ',', value_enum, value_name = "KINDS")]
    faults: Vec<FaultKind>,
    /// Clients fill no gaps, so that the audit has something to find.
    #[arg(long)]
    without_gap_filling: bool,
    /// Breaks one rule after the other in copies of the server, and in clients: the audit has to
    /// find each.
    #[arg(long, requires_all = ["root", "target"])]
    self_test: bool,
    /// The project, for browsers and the self-test.
    #[arg(long, value_name = "DIRECTORY")]
    root: Option<PathBuf>,
    /// Cargo's build directory, for the self-test.
    #[arg(long, value_name = "DIRECTORY")]
    target: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Database {
    /// In the server's data directory.
    Sqlite,
    /// At --database-url.
    Postgres,
}

impl Arguments {
    fn into_options(self) -> Result<Options> {
        if self.clients < 2 {
            bail!("There have to be two clients at least.");
        }
        if !self.server.is_file() {
            bail!("There is no server at {}.", self.server.display());
        }
        let (database_url, restart_database) = match self.database {
            Database::Sqlite => (None, None),
            Database::Postgres if self.database_url.is_none() => {
                bail!("A PostgreSQL needs --database-url; `cargo xtask chaos` starts one.")
            }
            Database::Postgres => (self.database_url, self.restart_database),
        };
        let restart_database: Option<Vec<String>> = restart_database
            .map(|words| serde_json::from_str(&words))
            .transpose()
            .context("--restart-database is a JSON array of program and arguments")?;
        let seconds = self
            .hours
            .map_or(self.seconds as f64, |hours| hours * 3_600.0);
        Ok(Options {
            seed: self.seed.unwrap_or_else(seed_of_the_moment),
            lasts: Duration::from_secs_f64(seconds),
            clients: self.clients,
            rate: self.rate,
            server: std::path::absolute(self.server)?,
            browsers: self.browsers,
            root: self.root,
            site: self.site.map(std::path::absolute).transpose()?,
            database_url,
            restart_database: restart_database.filter(|words| !words.is_empty()),
            faults: if self.faults.is_empty() {
                FaultKind::ALL.to_vec()
            } else {
                self.faults
            },
            rules: Rules {
                fills_gaps: !self.without_gap_filling,
            },
            is_quiet: false,
        })
    }
}

/// Short enough to be typed again.
fn seed_of_the_moment() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| {
        u64::from(now.subsec_nanos()) / 1_000 + now.as_secs() % 1_000 * 1_000_000
    })
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let tested = arguments
        .self_test
        .then(|| arguments.root.clone().zip(arguments.target.clone()))
        .flatten();
    let options = match arguments.into_options() {
        Ok(options) => options,
        Err(error) => return fail(&error),
    };
    println!("seed {}", options.seed);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let done = runtime.block_on(async {
        tokio::select! {
            done = carry_out(&options, tested) => done,
            stopped = stop_signal() => {
                stopped?;
                bail!("Stopped before the end.")
            }
        }
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => fail(&error),
    }
}

/// Says whether all is well.
async fn carry_out(options: &Options, tested: Option<(PathBuf, PathBuf)>) -> Result<bool> {
    if let Some((root, target)) = tested {
        return self_test::run(options, &root, &target).await;
    }
    let report = run::run(options).await?;
    println!("{report}");
    Ok(report.is_well())
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("chaos: {error:#}");
    ExitCode::FAILURE
}

/// Comes back when the process is asked to end, so that it takes the server and the disk along.
async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

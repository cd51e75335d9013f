//! A throw-away PostgreSQL: its own data in a temporary directory, a free port of 127.0.0.1, one
//! user with a random password. It goes with its owner, even if that is killed.

use std::ffi::OsString;
use std::io::Read;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::child;
use crate::project::Project;

/// Where the tests look for a server on which they may make databases.
pub const TEST_DATABASE_URL: &str = "NATTER_TEST_DATABASE_URL";
/// Where a program that is given a server finds the command that restarts it, as a JSON array.
const RESTART_COMMAND: &str = "NATTER_TEST_DATABASE_RESTART";

const USER: &str = "natter";
/// Where Debian and its kin keep the programs of each version, off the PATH.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Lines that are shown of a program that failed, and of the server's log.
const LAST_LINES: usize = 20;
/// How long a server may take to start, in seconds.
const PATIENCE: &str = "60";

/// What a commit is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It survives a power cut, as PostgreSQL is made.
    Full,
    /// It survives only as long as the machine runs, and costs less: for tests that cut no power.
    Fast,
}

/// A running server. Dropping it ends the server and removes its directory.
#[derive(Debug)]
pub struct Postgres {
    /// `postgres://USER:PASSWORD@127.0.0.1:PORT/postgres`
    pub url: String,
    restart: Vec<OsString>,
    _guardian: Guardian,
}

impl Postgres {
    /// Starts an empty server.
    pub fn start(project: &Project, durability: Durability) -> Result<Self> {
        let Some(programs) = programs(project) else {
            bail!(
                "PostgreSQL is missing: install it from your system's packages (Debian: postgresql), then run this command again."
            );
        };
        let identity = Identity::find(project);
        let directory =
            std::env::temp_dir().join(format!("natter-postgres-{}", std::process::id()));
        // What an earlier process of the same number may have left.
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir(&directory)
            .with_context(|| format!("Cannot create the directory {}", directory.display()))?;
        let data = directory.join("data");
        let log = directory.join("log");
        let control = |action: &[&str]| {
            let mut words = identity.prefix();
            words.push(programs.join("pg_ctl").into());
            words.extend(action.iter().map(OsString::from));
            words.extend(["--pgdata".into(), data.clone().into()]);
            words
        };
        // From here on everything goes, whatever happens.
        let guardian = Guardian::new(&control(&["stop", "--mode=immediate"]), &directory)?;

        let password = password()?;
        let port = free_port()?;
        let password_file = directory.join("password");
        std::fs::write(&password_file, &password)?;
        identity.own(&[&directory, &password_file])?;
        let mut initialise = identity.prefix();
        initialise.push(programs.join("initdb").into());
        initialise.extend(
            [
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ]
            .map(OsString::from),
        );
        initialise.push(format!("--username={USER}").into());
        initialise.extend(["--pwfile".into(), password_file.into()]);
        initialise.extend(["--pgdata".into(), data.clone().into()]);
        run(&initialise, &directory).context("PostgreSQL cannot make its files.")?;

        let settings = data.join("postgresql.conf");
        let mut text = std::fs::read_to_string(&settings)
            .with_context(|| format!("Cannot read {}", settings.display()))?;
        text.push_str(&configuration(port, durability));
        std::fs::write(&settings, text)?;
        let with_log = |mut words: Vec<OsString>| {
            words.extend(["--wait".into(), "--timeout".into(), PATIENCE.into()]);
            words.extend(["--log".into(), log.clone().into()]);
            words
        };
        run(&with_log(control(&["start"])), &directory).with_context(|| {
            let written = std::fs::read_to_string(&log).unwrap_or_default();
            format!("PostgreSQL does not start. It wrote:\n{written}")
        })?;
        Ok(Self {
            url: format!("postgres://{USER}:{password}@127.0.0.1:{port}/postgres"),
            restart: with_log(control(&["restart", "--mode=immediate"])),
            _guardian: guardian,
        })
    }

    /// The command, program and arguments, that breaks every connection as a crash does, and comes
    /// back when the server answers again, at the same port and with what was committed. Whoever
    /// has it may run it as often as they like, while this server lives.
    pub fn restart_command(&self) -> &[OsString] {
        &self.restart
    }

    /// The names and values by which a program is given this server.
    fn variables(&self) -> Result<[(&'static str, String); 2]> {
        let words: Vec<_> = self
            .restart_command()
            .iter()
            .map(|word| word.to_string_lossy())
            .collect();
        let restart = serde_json::to_string(&words)?;
        Ok([
            (TEST_DATABASE_URL, self.url.clone()),
            (RESTART_COMMAND, restart),
        ])
    }

    /// Gives a program this server.
    pub fn lend<'a>(&self, command: &'a mut Command) -> Result<&'a mut Command> {
        Ok(command.envs(self.variables()?))
    }
}

/// Runs a command of the person's own with a server of this kind.
pub fn run_with(project: &Project, words: &[&str]) -> Result<ExitCode> {
    let Some((program, arguments)) = words.split_first() else {
        bail!("Say which command is to have the server: `cargo xtask postgres -- COMMAND`.");
    };
    let server = Postgres::start(project, Durability::Full)?;
    let mut command = project.command(program);
    command.args(arguments).stdin(Stdio::inherit());
    let status = server
        .lend(&mut command)?
        .status()
        .with_context(|| format!("Cannot run `{program}`"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Whether PostgreSQL's programs are somewhere.
pub fn is_there(project: &Project) -> bool {
    programs(project).is_some()
}

/// The directory of PostgreSQL's programs: on PATH, or where Debian has them, the newest version.
fn programs(project: &Project) -> Option<PathBuf> {
    let complete = |directory: &Path| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|program| directory.join(program).is_file())
    };
    // A program on PATH may be a link to where the others are as well.
    let on_path = project.program("initdb").and_then(|program| {
        let program = std::fs::canonicalize(program).ok()?;
        Some(program.parent()?.to_owned())
    });
    on_path
        .filter(|directory| complete(directory))
        .or_else(|| newest(Path::new(DEBIAN)).filter(|directory| complete(directory)))
}

fn newest(versions: &Path) -> Option<PathBuf> {
    let version = std::fs::read_dir(versions)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .max()?;
    Some(versions.join(version.to_string()).join("bin"))
}

/// As whom PostgreSQL runs: it refuses to be root.
#[derive(Debug)]
enum Identity {
    Ours,
    Other {
        user: &'static str,
        numbers: (u32, u32),
    },
}

impl Identity {
    fn find(project: &Project) -> Self {
        let number = |arguments: &[&str]| -> Option<u32> {
            let output = project.command("id").args(arguments).output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            output.status.success().then(|| text.trim().parse().ok())?
        };
        if number(&["-u"]) != Some(0) {
            return Self::Ours;
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|user| {
                let numbers = (number(&["-u", user])?, number(&["-g", user])?);
                Some(Self::Other { user, numbers })
            })
            .unwrap_or(Self::Ours)
    }

    /// What stands in front of a command that this identity is to run.
    fn prefix(&self) -> Vec<OsString> {
        match self {
            Self::Ours => Vec::new(),
            Self::Other { user, .. } => ["runuser", "-u", user, "--"].map(OsString::from).into(),
        }
    }

    #[cfg(unix)]
    fn own(&self, paths: &[&Path]) -> Result<()> {
        use std::os::unix::fs::{PermissionsExt, chown};

        for path in paths {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
            if let Self::Other { numbers, .. } = self {
                chown(path, Some(numbers.0), Some(numbers.1))?;
            }
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn own(&self, _: &[&Path]) -> Result<()> {
        Ok(())
    }
}

/// A shell that waits for the end of its input, which comes with ours however it comes, and then
/// ends the server and removes its directory.
#[derive(Debug)]
struct Guardian(Child);

impl Guardian {
    /// The words of `stop` and the directory are arguments, so that no shell reads them.
    const SCRIPT: &str = r#"
        trap '' HUP INT TERM
        cat
        directory=$1
        shift
        "$@"
        rm -rf "$directory""#;

    fn new(stop: &[OsString], directory: &Path) -> Result<Self> {
        let child = Command::new("sh")
            .args(["-c", Self::SCRIPT, "guardian"])
            .arg(directory)
            .args(stop)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("Cannot run `sh`, which the throw-away PostgreSQL needs")?;
        Ok(Self(child))
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // It ends by itself, and whatever it could not do lies among temporary files.
        let _ = self.0.wait();
    }
}

fn run(words: &[OsString], directory: &Path) -> Result<()> {
    let (program, arguments) = words.split_first().context("a command without a program")?;
    let mut command = Command::new(program);
    // Its own configuration, and a directory in which its user may be.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(&name);
        }
    }
    command.args(arguments).current_dir(directory);
    let finished = child::run("postgres", &mut command)?;
    if !finished.success {
        bail!("{}", finished.tail(LAST_LINES));
    }
    Ok(())
}

fn configuration(port: u16, durability: Durability) -> String {
    let mut lines = vec![
        "listen_addresses = '127.0.0.1'".to_owned(),
        format!("port = {port}"),
        // Connections over TCP are enough, and a path may be too long for a socket.
        "unix_socket_directories = ''".to_owned(),
        // Many tests at a time, each with a server and its connections.
        "max_connections = 500".to_owned(),
        // Nobody may rely on what a careless configuration allows.
        "synchronous_commit = off".to_owned(),
    ];
    if durability == Durability::Fast {
        lines.extend(["fsync = off", "full_page_writes = off"].map(str::to_owned));
    }
    format!("\n{}\n", lines.join("\n"))
}

/// A port below those that systems give to outgoing connections, so that it is still free when the
/// server comes back after a restart.
fn free_port() -> Result<u16> {
    const FIRST: u16 = 20_000;
    const MANY: u16 = 10_000;
    let start = u16::try_from(std::process::id() % u32::from(MANY))?;
    (0..MANY)
        .map(|step| FIRST + (start + step) % MANY)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("No port from 20000 to 29999 is free")
}

fn password() -> Result<String> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut random| random.read_exact(&mut bytes))
        .context("Cannot read /dev/urandom")?;
    Ok(bytes.map(|byte| format!("{byte:02x}")).concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_taken_by_number() {
        let versions = std::env::temp_dir().join(format!("natter-versions-{}", std::process::id()));
        for name in ["9", "15", "common"] {
            std::fs::create_dir_all(versions.join(name)).expect("a directory");
        }
        let found = newest(&versions);
        std::fs::remove_dir_all(&versions).expect("it was there");
        assert_eq!(found, Some(versions.join("15").join("bin")));
    }

    #[test]
    fn commits_are_durable_unless_speed_is_asked_for() {
        assert!(!configuration(1, Durability::Full).contains("fsync"));
        assert!(configuration(1, Durability::Fast).contains("fsync = off"));
    }
}

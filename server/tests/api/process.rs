//! The program itself: what it says when it cannot start, and how it ends.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::database::TestDatabase;

pub fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_natter-server"));
    command
        .env("NATTER_SIGN_IN", "name")
        .env("NATTER_ADDR", "127.0.0.1:0")
        .env("NATTER_DATA_DIR", data);
    command
}

/// Runs a program that is to fail, and returns the one sentence that it says.
pub fn complaint(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().expect("the program runs");
    assert!(!status.success(), "it should not have started");
    let said = String::from_utf8(stderr).expect("text");
    let lines: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("natter-server: "))
        .collect();
    assert_eq!(lines.len(), 1, "{said}");
    lines[0].to_owned()
}

#[test]
fn a_port_that_is_taken_is_one_sentence_that_says_what_to_do() {
    let data = tempfile::tempdir().expect("a directory");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let said = complaint(program(data.path()).env("NATTER_ADDR", &address));
    assert!(
        said.contains(&address) && said.contains("set NATTER_ADDR"),
        "{said}"
    );
}

#[test]
fn a_data_directory_that_cannot_be_written_to_is_one_sentence() {
    let data = tempfile::tempdir().expect("a directory");
    let file = data.path().join("a-file");
    std::fs::write(&file, "").expect("a file");
    let said = complaint(&mut program(&file.join("data")));
    assert!(said.contains("NATTER_DATA_DIR"), "{said}");
}

#[test]
fn a_weak_secret_is_one_sentence() {
    let data = tempfile::tempdir().expect("a directory");
    let secret = data.path().join("secret");
    std::fs::write(&secret, "c2hvcnQ=").expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o600)).expect("mode");
    }
    let said = complaint(&mut program(data.path()));
    assert!(said.contains("too weak"), "{said}");
}

#[test]
fn sign_in_by_name_does_not_listen_beyond_loopback() {
    let data = tempfile::tempdir().expect("a directory");
    let said = complaint(program(data.path()).env("NATTER_ADDR", "0.0.0.0:0"));
    assert!(said.contains("NATTER_TRUSTED_NETWORK=1"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_server_whose_greeting_nobody_reads_serves_all_the_same() {
    let data = tempfile::tempdir().expect("a directory");
    let database = TestDatabase::new();
    let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let address = address.expect("an address").to_string();
    let (nobody, output) = std::io::pipe().expect("a pipe");
    drop(nobody);
    let mut server = program(data.path())
        .env("NATTER_ADDR", &address)
        .env("DATABASE_URL", &database.url)
        .stdout(output)
        .spawn()
        .expect("the server starts");
    let healthy = loop {
        let answer = ureq::get(format!("http://{address}/health")).call();
        if answer.is_ok() || server.try_wait().expect("its state").is_some() {
            break answer.is_ok();
        }
        std::thread::yield_now();
    };
    assert!(healthy, "it has ended");
    server.kill().expect("it is ended");
    server.wait().expect("it ends");
}

#[test]
fn passwords_that_would_cross_the_network_unencrypted_are_warned_of() {
    let data = tempfile::tempdir().expect("a directory");
    let database = TestDatabase::new();
    let greeting = |environment: &[(&str, &str)]| {
        let mut server = program(data.path())
            .env("DATABASE_URL", &database.url)
            .env("NATTER_SIGN_IN", "account")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        // The owner's link comes after whatever there is to warn of.
        let lines = BufReader::new(server.stdout.take().expect("its output")).lines();
        let mut greeting = String::new();
        for line in lines.map(|line| line.expect("text")) {
            greeting.push_str(&line);
            if line.contains("/join#") {
                break;
            }
        }
        server.kill().expect("it is ended");
        server.wait().expect("it ends");
        greeting
    };
    let warning = "Passwords would cross the network unencrypted";
    let everywhere = ("NATTER_ADDR", "0.0.0.0:0");
    assert!(greeting(&[everywhere]).contains(warning));
    assert!(!greeting(&[]).contains(warning), "on loopback");
    let https = ("NATTER_PUBLIC_ORIGIN", "https://chat.example");
    assert!(!greeting(&[everywhere, https]).contains(warning));
}

#[cfg(unix)]
#[test]
fn the_database_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a directory");
    let data = folder.path().join("data");
    let mut server = program(&data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    lines.next().expect("a greeting").expect("text");
    let mode = |path: &Path| {
        let metadata = std::fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode(&data), 0o700);
    for name in [
        "natter.sqlite",
        "natter.sqlite-wal",
        "natter.sqlite-shm",
        "secret",
    ] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    server.kill().expect("it is ended");
    server.wait().expect("it ends");
}

#[test]
fn people_are_added_once_and_listed() {
    let data = tempfile::tempdir().expect("a directory");
    let database = TestDatabase::new();
    let add = || {
        program(data.path())
            .env("DATABASE_URL", &database.url)
            .args(["users", "add", "Erin"])
            .output()
            .expect("it runs")
    };
    assert!(add().status.success());
    let again = add();
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("already"));
    let listed = program(data.path())
        .env("DATABASE_URL", &database.url)
        .args(["users", "list"])
        .output()
        .expect("it runs");
    assert_eq!(
        String::from_utf8_lossy(&listed.stdout),
        "erin\tErin\tmember\tactive\n"
    );
}

#[test]
fn help_names_every_setting() {
    let help = Command::new(env!("CARGO_BIN_EXE_natter-server"))
        .arg("--help")
        .output()
        .expect("help");
    let help = String::from_utf8(help.stdout).expect("text");
    for setting in [
        "NATTER_ADDR",
        "NATTER_SOCKET_ADDR",
        "NATTER_DATA_DIR",
        "DATABASE_URL",
        "NATTER_SIGN_IN",
        "NATTER_TRUSTED_NETWORK",
        "NATTER_SESSION_SECONDS",
        "NATTER_SESSION_MAX_SECONDS",
        "NATTER_TRUSTED_PROXIES",
        "NATTER_TLS_CERTIFICATE",
        "NATTER_TLS_KEY",
        "NATTER_PUBLIC_ORIGIN",
        "NATTER_RATE_LIMITS",
        "NATTER_SITE_DIR",
        "NATTER_CONFIG",
        "NATTER_LOG",
    ] {
        assert!(help.contains(setting), "{setting}");
    }
}

#[cfg(unix)]
#[test]
fn the_server_says_where_it_is_answers_its_health_check_and_ends_when_asked() {
    let data = tempfile::tempdir().expect("a directory");
    let database = TestDatabase::new();
    let mut server = program(data.path())
        .env("DATABASE_URL", &database.url)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let stdout = server.stdout.take().expect("its output");
    let mut lines = BufReader::new(stdout).lines();
    let greeting = lines.next().expect("a line").expect("text");
    let address = greeting
        .strip_prefix("Natter is running at http://")
        .expect("an address");
    let health = program(data.path())
        .env("NATTER_ADDR", address)
        .arg("health")
        .status()
        .expect("it runs");
    assert!(health.success());
    let asked = Command::new("kill")
        .arg(server.id().to_string())
        .status()
        .expect("kill runs");
    assert!(asked.success());
    assert!(server.wait().expect("it ends").success());
    let health = program(data.path())
        .env("NATTER_ADDR", address)
        .arg("health")
        .output()
        .expect("it runs");
    assert!(!health.status.success());
}

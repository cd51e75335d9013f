//! PostgreSQL's programs, of which the tests start a server of their own.

use std::fs;
use std::path::Path;

use anyhow::Result;

use super::Outcome;
use super::debian::{install_debian, is_debian_for_root};
use crate::project::Project;

/// Where Debian's package looks whether it is to make a database server of its own, and start it.
const DEBIAN_CLUSTERS: &str = "/etc/postgresql-common/createcluster.d";

pub fn install_postgres(project: &Project, label: &str) -> Result<Outcome> {
    if !is_debian_for_root(project) {
        return Ok(Outcome::Advice(
            "missing; install it from your system's packages, or the tests on PostgreSQL fail"
                .to_owned(),
        ));
    }
    // Only this installation: what the machine's owner installs later is theirs to say.
    let note = Path::new(DEBIAN_CLUSTERS).join("natter.conf");
    fs::create_dir_all(DEBIAN_CLUSTERS)?;
    fs::write(&note, "create_main_cluster = false\n")?;
    let outcome = install_debian(project, label, &["postgresql"]);
    fs::remove_file(&note)?;
    outcome
}

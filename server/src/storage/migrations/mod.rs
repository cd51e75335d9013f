//! The tables' history. A migration that has landed is never changed; the next one mends it.

use sea_orm_migration::prelude::*;

mod m0001_first_tables;
mod m0002_changes;
mod m0003_accounts;
mod m0004_group_events;
mod m0005_read_times;

/// Applies what a database has not seen yet.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_first_tables::Migration),
            Box::new(m0002_changes::Migration),
            Box::new(m0003_accounts::Migration),
            Box::new(m0004_group_events::Migration),
            Box::new(m0005_read_times::Migration),
        ]
    }
}

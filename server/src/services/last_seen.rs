//! When people were last here.
//!
//! Whoever's last connection ends is written down, those of one second by one statement: when a thousand
//! people lose their line at once, that is one commit.

use std::{collections::HashMap, time::Duration};

use tokio::{sync::mpsc, time::sleep};

use crate::storage::{Database, UserId, accounts};

/// How many departures may wait. What is beyond that is not written down.
const QUEUE: usize = 16_384;
/// Shortest time between two commits.
const PAUSE: Duration = Duration::from_secs(1);

/// Who has gone, and when, in milliseconds since the Unix epoch.
pub type Departure = (UserId, i64);

/// Starts writing down what is sent there.
pub fn start(database: Database) -> mpsc::Sender<Departure> {
    let (sender, departures) = mpsc::channel(QUEUE);
    tokio::spawn(keep(database, departures));
    sender
}

async fn keep(database: Database, mut departures: mpsc::Receiver<Departure>) {
    let mut batch = Vec::new();
    while departures.recv_many(&mut batch, QUEUE).await > 0 {
        // Of several departures of one person the last one counts.
        let latest: HashMap<UserId, i64> = batch.drain(..).collect();
        if let Err(error) = write(&database, latest).await {
            tracing::warn!(%error, "it could not be written down who has gone");
        }
        sleep(PAUSE).await;
    }
}

async fn write(
    database: &Database,
    latest: HashMap<UserId, i64>,
) -> Result<(), crate::storage::StorageError> {
    let transaction = database.begin().await?;
    let latest: Vec<Departure> = latest.into_iter().collect();
    accounts::set_last_seen_at(&transaction, &latest).await?;
    database.commit(transaction).await
}

//! Moving everything from one database to another, of whichever kind, and comparing both.
//!
//! All of it is one transaction at the target, which is committed only if every row of the source is
//! there with the same values, and no other row.

use std::collections::HashMap;

use async_trait::async_trait;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbBackend,
    DbErr, EntityTrait, IdenStatic, Identity, IntoActiveModel, Iterable, ModelTrait,
    PaginatorTrait, PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, Statement,
    sea_query::{DynIden, IntoIden, ValueTuple},
};

use super::{
    Database, StorageError,
    entities::{
        accounts, audit_entries, conversations, cursors, departures, group_events, links, members,
        messages, passkeys, read_times, recovery_codes, sessions, settings,
    },
};

/// The tables, those that others refer to first. A new table is one more line here.
const TABLES: [&dyn Table; 14] = [
    &accounts::Entity,
    &sessions::Entity,
    &conversations::Entity,
    &members::Entity,
    &messages::Entity,
    &cursors::Entity,
    &departures::Entity,
    &group_events::Entity,
    &read_times::Entity,
    &passkeys::Entity,
    &recovery_codes::Entity,
    &links::Entity,
    &audit_entries::Entity,
    &settings::Entity,
];

/// How many rows are held in memory at the same time, of each side.
const BATCH: u64 = 250;

/// A table that is the same on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transferred {
    pub table: &'static str,
    pub rows: u64,
}

/// The tables that are transferred, each with its columns.
pub fn tables() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    TABLES.iter().map(|table| (table.name(), table.columns()))
}

/// Fails if somebody has an account in the database, without which there is nothing else in it.
pub async fn refuse_people(target: &impl ConnectionTrait) -> Result<(), StorageError> {
    if accounts::Entity::find().count(target).await? == 0 {
        return Ok(());
    }
    Err(StorageError::Unusable(
        "the database to move to holds people already; give an empty one".to_owned(),
    ))
}

/// Copies everything to a database that holds nobody yet, and compares both row by row. `report`
/// hears of each table that was found the same. On any difference the target stays as it was.
///
/// The source is to be opened with [`Database::open_alone`], so that nothing is written to it that
/// would then be missing.
pub async fn transfer(
    source: &Database,
    target: &Database,
    mut report: impl FnMut(Transferred),
) -> Result<(), StorageError> {
    let from = source.begin().await?;
    let to = target.begin().await?;
    if accounts::Entity::find().count(&from).await? == 0 {
        return Err(StorageError::Unusable(
            "there is nobody in the database to move from; is it the right one?".to_owned(),
        ));
    }
    refuse_people(&to).await?;
    // Migrations may have left rows, and those of the source take their place.
    for table in TABLES.iter().rev() {
        table.clear(&to).await?;
    }
    for table in TABLES {
        table.copy(&from, &to).await.map_err(|error| {
            StorageError::Unusable(format!(
                "the table {} cannot be copied: {error}",
                table.name()
            ))
        })?;
    }
    for table in TABLES {
        report(table.compare(&from, &to).await?);
    }
    target.commit(to).await?;
    from.rollback().await?;
    Ok(())
}

/// What is done with every table, whatever its columns.
#[async_trait]
trait Table: Sync {
    fn name(&self) -> &'static str;

    fn columns(&self) -> Vec<&'static str>;

    async fn clear(&self, connection: &DatabaseTransaction) -> Result<(), DbErr>;

    async fn copy(&self, from: &DatabaseTransaction, to: &DatabaseTransaction)
    -> Result<(), DbErr>;

    async fn compare(
        &self,
        from: &DatabaseTransaction,
        to: &DatabaseTransaction,
    ) -> Result<Transferred, StorageError>;
}

#[async_trait]
impl<E> Table for E
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel> + Send + Sync,
    E::ActiveModel: Send,
{
    fn name(&self) -> &'static str {
        self.table_name()
    }

    fn columns(&self) -> Vec<&'static str> {
        E::Column::iter().map(|column| column.as_str()).collect()
    }

    async fn clear(&self, connection: &DatabaseTransaction) -> Result<(), DbErr> {
        E::delete_many().exec(connection).await?;
        Ok(())
    }

    async fn copy(
        &self,
        from: &DatabaseTransaction,
        to: &DatabaseTransaction,
    ) -> Result<(), DbErr> {
        let mut last = None;
        loop {
            let rows = page::<E>(from, last.as_ref()).await?;
            let Some(end) = rows.last() else {
                break;
            };
            last = Some(end.clone());
            let rows = rows
                .into_iter()
                .map(|row| row.into_active_model().reset_all());
            E::insert_many(rows).exec_without_returning(to).await?;
        }
        if E::PrimaryKey::auto_increment() {
            copy_numbering(self.table_name(), key::<E>()[0].as_str(), from, to).await?;
        }
        Ok(())
    }

    async fn compare(
        &self,
        from: &DatabaseTransaction,
        to: &DatabaseTransaction,
    ) -> Result<Transferred, StorageError> {
        let table = self.table_name();
        let mut rows = 0;
        let mut last: Option<E::Model> = None;
        loop {
            let originals = page::<E>(from, last.as_ref()).await?;
            let Some(end) = originals.last() else {
                break;
            };
            last = Some(end.clone());
            let copies = with_keys_of::<E>(to, &originals).await?;
            let copies: HashMap<ValueTuple, &E::Model> = copies
                .iter()
                .map(|copy| (copy.get_primary_key_value(), copy))
                .collect();
            for original in &originals {
                let copy = copies.get(&original.get_primary_key_value());
                if !copy.is_some_and(|copy| is_same::<E>(original, copy)) {
                    return Err(differs(table));
                }
                rows += 1;
            }
        }
        if E::find().count(to).await? != rows {
            return Err(differs(table));
        }
        Ok(Transferred { table, rows })
    }
}

/// The rows behind `last` in the order of their keys, which each database may have its own of.
async fn page<E: EntityTrait<Model: Sync>>(
    connection: &DatabaseTransaction,
    last: Option<&E::Model>,
) -> Result<Vec<E::Model>, DbErr> {
    let mut query = E::find();
    if let Some(last) = last {
        // Says nothing new where the key is one column, and where it is several it tells the
        // database from where on it has to look.
        let first = key::<E>()[0];
        query = query.filter(first.gte(last.get(first)));
    }
    let names: Vec<DynIden> = key::<E>().iter().map(|column| column.into_iden()).collect();
    let mut cursor = query.cursor_by(identity(names));
    if let Some(last) = last {
        cursor.after(last.get_primary_key_value());
    }
    cursor.first(BATCH).all(connection).await
}

/// The rows that have the same keys as these, in no particular order.
async fn with_keys_of<E: EntityTrait<Model: Sync>>(
    connection: &DatabaseTransaction,
    rows: &[E::Model],
) -> Result<Vec<E::Model>, DbErr> {
    let key = key::<E>();
    let condition = if let [column] = key[..] {
        Condition::all().add(column.is_in(rows.iter().map(|row| row.get(column))))
    } else {
        rows.iter().fold(Condition::any(), |any, row| {
            any.add(key.iter().fold(Condition::all(), |all, column| {
                all.add(column.eq(row.get(*column)))
            }))
        })
    };
    E::find().filter(condition).all(connection).await
}

fn is_same<E: EntityTrait>(original: &E::Model, copy: &E::Model) -> bool {
    E::Column::iter().all(|column| original.get(column) == copy.get(column))
}

fn key<E: EntityTrait>() -> Vec<E::Column> {
    E::PrimaryKey::iter()
        .map(PrimaryKeyToColumn::into_column)
        .collect()
}

fn identity(mut names: Vec<DynIden>) -> Identity {
    match names.len() {
        1 => Identity::Unary(names.remove(0)),
        2 => Identity::Binary(names.remove(0), names.remove(0)),
        3 => Identity::Ternary(names.remove(0), names.remove(0), names.remove(0)),
        _ => Identity::Many(names),
    }
}

fn differs(table: &str) -> StorageError {
    StorageError::Unusable(format!(
        "the table {table} is not the same in both databases; nothing was moved"
    ))
}

/// Numbers that the target gives from now on continue behind those that the source has ever given,
/// be their rows gone or not.
async fn copy_numbering(
    table: &str,
    column: &str,
    from: &DatabaseTransaction,
    to: &DatabaseTransaction,
) -> Result<(), DbErr> {
    let question = match from.get_database_backend() {
        DbBackend::Postgres => Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass) AS last",
            [table.into(), column.into()],
        ),
        backend => Statement::from_sql_and_values(
            backend,
            "SELECT seq AS last FROM sqlite_sequence WHERE name = ?",
            [table.into()],
        ),
    };
    let answer = from.query_one_raw(question).await?;
    let last: Option<i64> = answer.map_or(Ok(None), |row| row.try_get("", "last"))?;
    let Some(last) = last else {
        return Ok(());
    };
    match to.get_database_backend() {
        DbBackend::Postgres => {
            let set = "SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)";
            let values = [table.into(), column.into(), last.into()];
            to.query_one_raw(Statement::from_sql_and_values(
                DbBackend::Postgres,
                set,
                values,
            ))
            .await?;
        }
        backend => {
            for (change, values) in [
                (
                    "DELETE FROM sqlite_sequence WHERE name = ?",
                    vec![table.into()],
                ),
                (
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
                    vec![table.into(), last.into()],
                ),
            ] {
                to.execute_raw(Statement::from_sql_and_values(backend, change, values))
                    .await?;
            }
        }
    }
    Ok(())
}

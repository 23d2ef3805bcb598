//! Records of messages and terminals as Parquet files, written while the run goes on.
//!
//! A table owns its file and the rows of one row group, no more. Columns carry their unit in their name. Equal runs give
//! equal bytes: rows come in a total order, and where a row group ends depends on their number only.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, Encoding, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{ColumnPath, Type};

use crate::cause::{Cause, Loss};
use crate::metrics::records::{MessageRecord, RecordSink, TerminalRecord};
use crate::units::{Joules, SimTime};
use crate::world::summarise::{NO_COVERAGE, level_name};

/// Rows of a row group: what waits in memory.
const ROWS: usize = 1 << 16;

/// Why a table is not complete.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}; check that the place exists, is writable and has room", .path.display())]
pub struct TableError {
    path: PathBuf,
    source: ParquetError,
}

/// A table in the making.
pub struct Table<R> {
    path: PathBuf,
    writer: SerializedFileWriter<File>,
    columns: Vec<Column<R>>,
    rows: Vec<R>,
    failed: Option<ParquetError>,
}

/// A column: its name, and its value in a row. Values that hardly ever repeat are not worth a dictionary.
struct Column<R> {
    name: String,
    values: Values<R>,
    repeats: bool,
}

type Value<R, T> = Box<dyn Fn(&R) -> T>;

enum Values<R> {
    Text(Value<R, ByteArray>),
    Count(Value<R, u32>),
    Flag(Value<R, bool>),
    Real(Value<R, f64>),
    /// Absent in some rows.
    Maybe(Value<R, Option<f64>>),
}

impl<R: Clone> Table<R> {
    fn create(path: &Path, name: &str, columns: Vec<Column<R>>, facts: &[(&str, String)]) -> Result<Self, TableError> {
        let failed = |source| TableError { path: path.to_owned(), source };
        let fields = columns.iter().map(|column| column.schema().map(Arc::new)).collect::<Result<Vec<_>, _>>();
        let schema = fields.and_then(|fields| Type::group_type_builder(name).with_fields(fields).build());
        let facts = facts.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone()));
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(facts.collect()));
        for column in columns.iter().filter(|column| !column.repeats) {
            let path = ColumnPath::from(column.name.as_str());
            properties = properties.set_column_dictionary_enabled(path.clone(), false);
            if matches!(column.values, Values::Real(_) | Values::Maybe(_)) {
                properties = properties.set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT);
            }
        }
        let file = File::create_new(path).map_err(|error| failed(error.into()))?;
        let writer = SerializedFileWriter::new(file, Arc::new(schema.map_err(failed)?), Arc::new(properties.build()));
        let writer = writer.map_err(failed)?;
        Ok(Table { path: path.to_owned(), writer, columns, rows: Vec::new(), failed: None })
    }

    /// Completes the file; says how many rows it has.
    ///
    /// # Errors
    /// [`TableError`] if this or anything before it failed.
    pub fn finish(mut self) -> Result<u64, TableError> {
        let ended = match self.failed.take() {
            Some(error) => Err(error),
            None => self.write_rows().and_then(|()| self.writer.finish()),
        };
        match ended {
            Ok(metadata) => Ok(metadata.file_metadata().num_rows() as u64),
            Err(source) => Err(TableError { path: self.path, source }),
        }
    }

    /// Writes the rows that wait as a row group.
    fn write_rows(&mut self) -> Result<(), ParquetError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group()?;
        for column in &self.columns {
            column.write(&self.rows, &mut group)?;
        }
        group.close()?;
        self.rows.clear();
        Ok(())
    }
}

impl<R: Clone> RecordSink<R> for Table<R> {
    fn take(&mut self, mut records: &[R]) -> ControlFlow<()> {
        while !records.is_empty() && self.failed.is_none() {
            let (now, later) = records.split_at(records.len().min(ROWS - self.rows.len()));
            self.rows.extend_from_slice(now);
            records = later;
            if self.rows.len() == ROWS {
                self.failed = self.write_rows().err();
            }
        }
        if self.failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl<R> Column<R> {
    fn new(name: &str, values: Values<R>) -> Column<R> {
        Column { name: name.to_owned(), values, repeats: true }
    }

    fn text(name: &str, value: impl Fn(&R) -> ByteArray + 'static) -> Column<R> {
        Column::new(name, Values::Text(Box::new(value)))
    }

    fn count(name: &str, value: impl Fn(&R) -> u32 + 'static) -> Column<R> {
        Column::new(name, Values::Count(Box::new(value)))
    }

    fn flag(name: &str, value: impl Fn(&R) -> bool + 'static) -> Column<R> {
        Column::new(name, Values::Flag(Box::new(value)))
    }

    fn real(name: &str, value: impl Fn(&R) -> f64 + 'static) -> Column<R> {
        Column::new(name, Values::Real(Box::new(value)))
    }

    fn maybe(name: &str, value: impl Fn(&R) -> Option<f64> + 'static) -> Column<R> {
        Column::new(name, Values::Maybe(Box::new(value)))
    }

    fn varied(self) -> Column<R> {
        Column { repeats: false, ..self }
    }

    fn schema(&self) -> Result<Type, ParquetError> {
        let (physical, logical) = match self.values {
            Values::Text(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Values::Count(_) => (Physical::INT32, Some(LogicalType::integer(32, false))),
            Values::Flag(_) => (Physical::BOOLEAN, None),
            Values::Real(_) | Values::Maybe(_) => (Physical::DOUBLE, None),
        };
        let optional = matches!(self.values, Values::Maybe(_));
        Type::primitive_type_builder(&self.name, physical)
            .with_repetition(if optional { Repetition::OPTIONAL } else { Repetition::REQUIRED })
            .with_converted_type(ConvertedType::NONE)
            .with_logical_type(logical)
            .build()
    }

    fn write(&self, rows: &[R], group: &mut SerializedRowGroupWriter<'_, File>) -> Result<(), ParquetError> {
        match &self.values {
            Values::Text(value) => write_column::<ByteArrayType>(group, rows.iter().map(value), None),
            // Parquet keeps unsigned numbers in the bits of signed ones.
            Values::Count(value) => {
                write_column::<Int32Type>(group, rows.iter().map(|row| value(row).cast_signed()), None)
            }
            Values::Flag(value) => write_column::<BoolType>(group, rows.iter().map(value), None),
            Values::Real(value) => write_column::<DoubleType>(group, rows.iter().map(value), None),
            Values::Maybe(value) => {
                let levels: Vec<i16> = rows.iter().map(|row| i16::from(value(row).is_some())).collect();
                write_column::<DoubleType>(group, rows.iter().filter_map(value), Some(&levels))
            }
        }
    }
}

/// Writes the next column of a row group. `present` has a one for each row with a value and a zero for each without.
fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: impl Iterator<Item = T::T>,
    present: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("the table has more columns than its schema".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    let values: Vec<T::T> = values.collect();
    column.typed::<T>().write_batch(&values, present, None)?;
    column.close()
}

impl Table<MessageRecord> {
    /// The table of messages of these groups. `facts` go into the file beside the table.
    ///
    /// # Errors
    /// [`TableError`] if the file cannot be created.
    pub fn messages(path: &Path, groups: &[&str], facts: &[(&str, String)]) -> Result<Self, TableError> {
        type M = MessageRecord;
        let outcomes: Vec<ByteArray> = Loss::ALL.iter().map(|loss| loss.name().into()).collect();
        let delivered = ByteArray::from("delivered");
        let (groups, level) = (texts(groups), level_names());
        let mut columns = vec![
            Column::text("group", move |m: &M| groups[usize::from(m.group)].clone()),
            Column::count("terminal", |m: &M| m.terminal),
            Column::count("report", |m: &M| m.report),
            Column::count("cell", |m: &M| m.cell),
            Column::text("level", move |m: &M| level(m.level)),
            Column::count("bytes", |m: &M| m.bytes),
            Column::flag("answered", |m: &M| m.answered),
            Column::count("access_attempts", |m: &M| m.attempts.into()),
            Column::text("outcome", move |m: &M| m.loss.map_or(&delivered, |loss| &outcomes[loss.index()]).clone()),
            Column::real("born_s", |m: &M| m.born.as_secs_f64()).varied(),
            Column::real("ended_s", |m: &M| m.ended.as_secs_f64()).varied(),
            Column::maybe("released_s", |m: &M| m.released.map(SimTime::as_secs_f64)).varied(),
            Column::maybe("latency_s", |m: &M| m.loss.is_none().then(|| m.ended.since(m.born).as_secs_f64())).varied(),
            Column::maybe("energy_j", |m: &M| m.energy.map(Joules::as_joules)).varied(),
        ];
        for cause in Cause::ALL.iter().filter(|cause| !cause.after_delivery()) {
            let name = format!("time_{}_s", cause.name().replace('-', "_"));
            columns.push(Column::real(&name, |m: &M| m.time[cause.index()].as_secs_f64()));
        }
        Table::create(path, "messages", columns, facts)
    }
}

impl Table<TerminalRecord> {
    /// The table of terminals of these groups and networks. `facts` go into the file beside the table.
    ///
    /// # Errors
    /// [`TableError`] if the file cannot be created.
    pub fn terminals(
        path: &Path,
        groups: &[&str],
        networks: &[&str],
        facts: &[(&str, String)],
    ) -> Result<Self, TableError> {
        type T = TerminalRecord;
        let (groups, networks, level) = (texts(groups), texts(networks), level_names());
        let columns = vec![
            Column::text("group", move |t: &T| groups[usize::from(t.group)].clone()),
            Column::count("terminal", |t: &T| t.terminal),
            Column::text("network", move |t: &T| networks[usize::from(t.network)].clone()),
            Column::count("cell", |t: &T| t.cell),
            Column::text("level", move |t: &T| level(t.level)),
            Column::real("coupling_loss_db", |t: &T| t.coupling_loss.0).varied(),
            Column::maybe("interval_s", |t: &T| t.interval.map(|span| span.as_secs_f64())),
            Column::count("delivered_messages", |t: &T| t.delivered),
            Column::count("lost_messages", |t: &T| t.lost),
            Column::count("released_messages", |t: &T| t.released),
            Column::real("awake_s", |t: &T| t.awake.as_secs_f64()).varied(),
            Column::real("awake_energy_j", |t: &T| t.energy.as_joules()).varied(),
        ];
        Table::create(path, "terminals", columns, facts)
    }
}

fn texts(names: &[&str]) -> Vec<ByteArray> {
    names.iter().map(|&name| name.into()).collect()
}

/// The names of coverage levels, as in `summary.json`.
fn level_names() -> impl Fn(Option<u8>) -> ByteArray {
    let names: Vec<ByteArray> = (0..=u8::MAX).map(|level| level_name(usize::from(level)).as_str().into()).collect();
    let none = ByteArray::from(NO_COVERAGE);
    move |level| level.map_or(&none, |level| &names[usize::from(level)]).clone()
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    use super::*;
    use crate::units::SimDuration;

    fn message(number: u32) -> MessageRecord {
        let mut time = [SimDuration::ZERO; Cause::COUNT];
        time[Cause::AccessWait.index()] = SimDuration(1_500_000);
        let lost = number % 10 == 3;
        MessageRecord {
            group: (number % 2) as u16,
            terminal: number,
            report: 4_000_000_000,
            cell: 7,
            level: (!lost).then_some(2),
            bytes: 115,
            answered: true,
            attempts: 3,
            born: SimTime(u64::from(number)),
            started: SimTime(u64::from(number)),
            ended: SimTime(u64::from(number) + 1_500_000),
            loss: lost.then_some(Loss::NoCoverage),
            time,
            released: (!lost).then_some(SimTime(9_000_000)),
            energy: (!lost).then_some(Joules::from_joules(0.25)),
        }
    }

    fn write(path: &Path, batch: usize) -> u64 {
        let rows: Vec<MessageRecord> = (0..ROWS as u32 + 100).map(message).collect();
        let mut table = Table::messages(path, &["meters", "Zähler"], &[("farlink.seed", "7".to_owned())]).unwrap();
        rows.chunks(batch).for_each(|rows| assert!(table.take(rows).is_continue()));
        table.finish().unwrap()
    }

    #[test]
    fn a_table_is_read_back_as_it_was_written_however_it_came() {
        let home = tempfile::tempdir().unwrap();
        let (whole, pieces) = (home.path().join("whole"), home.path().join("pieces"));
        assert_eq!(write(&whole, usize::MAX), ROWS as u64 + 100);
        assert_eq!(write(&pieces, 1_001), ROWS as u64 + 100);
        assert!(std::fs::read(&whole).unwrap() == std::fs::read(&pieces).unwrap(), "bytes do not depend on batches");

        let reader = SerializedFileReader::new(File::open(&whole).unwrap()).unwrap();
        assert_eq!(reader.metadata().num_row_groups(), 2);
        let facts = reader.metadata().file_metadata().key_value_metadata().unwrap();
        assert!(facts.iter().any(|fact| fact.key == "farlink.seed" && fact.value.as_deref() == Some("7")));
        let rows: Vec<Vec<(String, Field)>> =
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().into_columns()).collect();
        assert_eq!(rows.len(), ROWS + 100);
        let field = |row: usize, name: &str| {
            rows[row].iter().find(|(column, _)| column == name).map(|(_, field)| field.clone()).unwrap()
        };
        let last = ROWS + 99;
        assert_eq!(field(last, "group"), Field::Str("Zähler".into()));
        assert_eq!(field(last, "terminal"), Field::UInt(last as u32));
        assert_eq!(field(last, "report"), Field::UInt(4_000_000_000));
        assert_eq!(field(last, "level"), Field::Str("level 2".into()));
        assert_eq!(field(last, "outcome"), Field::Str("delivered".into()));
        assert_eq!(field(last, "answered"), Field::Bool(true));
        assert_eq!(field(last, "latency_s"), Field::Double(1.5));
        assert_eq!(field(last, "time_access_wait_s"), Field::Double(1.5));
        assert_eq!(field(last, "energy_j"), Field::Double(0.25));
        assert_eq!(field(3, "level"), Field::Str("no coverage".into()));
        assert_eq!(field(3, "outcome"), Field::Str("no-coverage".into()));
        for absent in ["latency_s", "energy_j", "released_s"] {
            assert_eq!(field(3, absent), Field::Null, "{absent}");
        }
        let causes = Cause::ALL.iter().filter(|cause| !cause.after_delivery()).count();
        assert_eq!(rows[0].iter().filter(|(column, _)| column.starts_with("time_")).count(), causes);
    }

    #[test]
    fn an_empty_table_is_a_table_and_a_missing_directory_is_named() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("terminals.parquet");
        assert_eq!(Table::terminals(&path, &[], &[], &[]).unwrap().finish().unwrap(), 0);
        assert!(SerializedFileReader::new(File::open(&path).unwrap()).is_ok());
        let error = Table::messages(&home.path().join("no/messages.parquet"), &[], &[]).err().unwrap().to_string();
        assert!(error.starts_with("cannot write ") && error.contains("messages.parquet"), "{error}");
    }
}

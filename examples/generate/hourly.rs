//! Events in the layout in which Azure Monitor stores them: a file for each hour.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};
use chrono::Datelike;

use super::json::Json;
use super::random::{Random, Series};
use super::run::Record;
use super::shapes::{ACCOUNT_ID, delivered_at};
use super::sink::Sink;
use super::time::{self, HOUR, Ticks};

/// Writes `…/y=2026/m=11/d=19/h=02/m=00/PT1H.json` with the events that were delivered in that hour, one
/// a line, in no order. Takes events in order of their delivery.
pub(crate) struct HourlySink {
    folder: PathBuf,
    seed: u64,
    record: fn(&Record<'_>, &mut Json),
    /// Hours since 1970.
    hour: Option<Ticks>,
    events: Vec<Vec<u8>>,
    json: Json,
}

impl HourlySink {
    pub(crate) fn new(
        folder: PathBuf,
        seed: u64,
        record: fn(&Record<'_>, &mut Json),
    ) -> HourlySink {
        HourlySink {
            folder,
            seed,
            record,
            hour: None,
            events: Vec::new(),
            json: Json::default(),
        }
    }

    fn path(&self, hour: Ticks) -> PathBuf {
        let date = time::date(hour * HOUR);
        self.folder.join(format!(
            "insights-logs-scanstatuslogevent/resourceId={}/y={:04}/m={:02}/d={:02}/h={:02}/m=00/PT1H.json",
            *ACCOUNT_ID,
            date.year(),
            date.month(),
            date.day(),
            hour.rem_euclid(24),
        ))
    }

    fn write_hour(&mut self) -> Result<()> {
        let Some(hour) = self.hour else {
            return Ok(());
        };
        let mut random = Random::of(self.seed, Series::Shuffle, hour);
        random.shuffle(&mut self.events);
        let path = self.path(hour);
        let write = || -> Result<()> {
            fs::create_dir_all(path.with_file_name(""))?;
            let mut file = std::io::BufWriter::new(fs::File::create(&path)?);
            for event in &self.events {
                file.write_all(event)?;
                file.write_all(b"\n")?;
            }
            file.flush()?;
            Ok(())
        };
        write().with_context(|| format!("{}: cannot be written", path.display()))?;
        self.events.clear();
        Ok(())
    }
}

impl Sink for HourlySink {
    fn write(&mut self, record: &Record<'_>) -> Result<()> {
        let hour = delivered_at(record.run).div_euclid(HOUR);
        if self.hour != Some(hour) {
            self.write_hour()?;
            self.hour = Some(hour);
        }
        (self.record)(record, &mut self.json);
        self.events.push(self.json.take());
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<()> {
        self.write_hour()
    }
}

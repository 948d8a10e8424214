//! Azure Monitor's events on scans: storage and Event Hubs.

use serde_json::{Value, json};

use super::File;
use crate::common::Random;
use crate::common::scans::{ACCOUNT, End, ScanRun, TICKS, utc};

/// One change of a run's state.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) run: ScanRun,
    /// Ticks since 1970.
    pub(crate) time: i64,
    /// The word for the state.
    pub(crate) word: &'static str,
    pub(crate) counts: Option<(i64, i64)>,
    /// Whole seconds since the start; 0 until the run is finished.
    pub(crate) total: i64,
    pub(crate) error: Option<&'static str>,
}

impl Event {
    pub(crate) fn is_last(&self) -> bool {
        self.run.ended().is_some() && !matches!(self.word, "Queued" | "Delayed" | "Running")
    }
}

/// All the events of a run, in order.
pub(crate) fn events_of(run: &ScanRun) -> Vec<Event> {
    let event = |time: i64, word: &'static str| Event {
        run: run.clone(),
        time,
        word,
        counts: None,
        total: 0,
        error: None,
    };
    let mut events = Vec::new();
    if run.queue > 0 || run.end == End::Queued {
        events.push(event(run.start, "Queued"));
    }
    if run.queue > 600 {
        events.push(event(run.start + 300 * TICKS, "Delayed"));
    }
    if run.end == End::Queued {
        return events;
    }
    events.push(Event {
        counts: run.counts,
        ..event(run.start + run.queue * TICKS, "Running")
    });
    let Some(end) = run.ended() else {
        return events;
    };
    // Prose and table of the documentation disagree on the letters of the last one.
    let cancelled = if run.manual { "Canceled" } else { "Cancelled" };
    let word = match run.end {
        End::WithExceptions => "CompletedWithExceptions",
        End::Failed => "Failed",
        End::Cancelled => cancelled,
        _ => "Succeeded",
    };
    events.push(Event {
        counts: run.counts,
        total: run.length / TICKS,
        error: run.error,
        ..event(end, word)
    });
    events
}

/// The events of all the runs, in the order of their times.
pub(crate) fn events(runs: &[ScanRun]) -> Vec<Event> {
    let mut events: Vec<Event> = runs.iter().flat_map(events_of).collect();
    events.sort_by_key(|event| event.time);
    events
}

/// The event as storage has it: every number of `properties` is text, and nothing is `empty_value`.
pub(crate) fn record(event: &Event) -> Value {
    let run = &event.run;
    let or_empty = |value: Option<String>| value.unwrap_or("empty_value".to_owned());
    let (discovered, classified) = event.counts.unzip();
    // The text stands in one of two places, bare or inside an error that is written out as JSON.
    let (details, description) = match (event.error, run.queue % 3) {
        (Some(text), 0) => (text.to_owned(), "The scan failed.".to_owned()),
        (Some(text), 1) => {
            let error = json!({"message": "The scan failed.", "details": [{"message": text}]});
            (error.to_string(), "empty_value".to_owned())
        }
        (Some(text), _) => ("empty_value".to_owned(), text.to_owned()),
        (None, _) => ("empty_value".to_owned(), "empty_value".to_owned()),
    };
    json!({
        // Nine digits, of which the service knows seven.
        "time": utc(event.time).format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string(),
        "properties": {
            "dataSourceName": run.source,
            "dataSourceType": run.source_type,
            "scanName": run.scan,
            "assetsDiscovered": or_empty(discovered.map(|n| n.to_string())),
            "assetsClassified": or_empty(classified.map(|n| n.to_string())),
            "scanQueueTimeInSeconds": or_empty((event.word != "Queued").then(|| run.queue.to_string())),
            "scanTotalRunTimeInSeconds": event.total.to_string(),
            "runType": run.trigger(),
            "errorDetails": details,
            "scanResultId": run.id,
            "AssetsDiscoveredByAssetType": "{\"azure_datalake_gen2_path\":3}",
        },
        "resourceId": resource(),
        "category": "ScanStatusLogEvent",
        "operationName": "TriggeredScanRun",
        "operationVersion": "1",
        "resultType": event.word,
        "resultSignature": "empty_value",
        "resultDescription": description,
        "durationMs": 0,
        "correlationId": run.id,
        "level": if event.error.is_some() { "Error" } else { "Informational" },
        "location": "eastus",
        "EventName": "CustomerFacingLoggableEvent",
    })
}

/// The account, in capitals.
pub(crate) fn resource() -> String {
    format!(
        "/SUBSCRIPTIONS/0A0A0A0A-0000-4000-8000-000000000001/RESOURCEGROUPS/RG-DATA/PROVIDERS/\
         MICROSOFT.PURVIEW/ACCOUNTS/{ACCOUNT}"
    )
}

/// One event a line.
pub(crate) fn lines_of(events: &[Event]) -> Vec<u8> {
    let lines: Vec<String> = events.iter().map(|e| record(e).to_string()).collect();
    (lines.join("\n") + "\n").into_bytes()
}

pub(crate) fn lines(runs: &[ScanRun]) -> Vec<File> {
    vec![("PT1H.json".to_owned(), lines_of(&events(runs)))]
}

/// Indented objects with nothing between them.
pub(crate) fn indented(runs: &[ScanRun]) -> Vec<File> {
    let texts: Vec<String> = events(runs)
        .iter()
        .map(|event| serde_json::to_string_pretty(&record(event)).unwrap())
        .collect();
    vec![("events.json".to_owned(), texts.join("\n").into_bytes())]
}

/// Batches of ten events.
pub(crate) fn event_hub(runs: &[ScanRun]) -> Vec<File> {
    let batches: Vec<String> = events(runs)
        .chunks(10)
        .map(|batch| {
            let records: Vec<Value> = batch.iter().map(record).collect();
            json!({ "records": records }).to_string()
        })
        .collect();
    vec![("hub.json".to_owned(), batches.join("\n").into_bytes())]
}

/// A file for each hour, in the folders of the storage account.
pub(crate) fn hourly(runs: &[ScanRun]) -> Vec<File> {
    let mut files: Vec<File> = Vec::new();
    for event in events(runs) {
        let path = hour_path(event.time / TICKS / 3600);
        let line = lines_of(std::slice::from_ref(&event));
        match files.iter_mut().find(|(known, _)| *known == path) {
            Some((_, bytes)) => bytes.extend(line),
            None => files.push((path, line)),
        }
    }
    files
}

/// Where the events lie that came in in this hour since 1970.
fn hour_path(hour: i64) -> String {
    let time = utc(hour * 3600 * TICKS);
    format!(
        "insights-logs-scanstatuslogevent/resourceId={}/{}/m=00/PT1H.json",
        resource(),
        time.format("y=%Y/m=%m/d=%d/h=%H")
    )
}

/// The events over so many hours: in the hour in which they happened to come in, in any order.
pub(crate) fn scattered(events: &[Event], hours: u64, random: &mut Random) -> Vec<File> {
    let mut blobs: Vec<Vec<Event>> = vec![Vec::new(); usize::try_from(hours).unwrap()];
    // Each hour gets one, as long as there are any.
    let mut events = events.to_vec();
    random.shuffle(&mut events);
    for (number, event) in events.into_iter().enumerate() {
        let place = if number < blobs.len() {
            number
        } else {
            usize::try_from(random.below(hours)).unwrap()
        };
        blobs[place].push(event);
    }
    let numbered = (0..).zip(&blobs);
    numbered
        .filter(|(_, events)| !events.is_empty())
        .map(|(hour, events)| (hour_path(490_000 + hour), lines_of(events)))
        .collect()
}

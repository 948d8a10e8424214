//! Every threshold of a finding, with its reason. Times are milliseconds unless the name says otherwise.

/// One failure happens, two may be one incident; three in a row are a pattern.
pub(super) const STREAK: usize = 3;
/// Two failures count when they are a day apart: a daily scan should not need three days to be noticed.
pub(super) const SHORT_STREAK: usize = 2;
/// See [`SHORT_STREAK`].
pub(super) const SHORT_STREAK_SPAN: i64 = 24 * HOUR;
/// Before three attempts ended, a scan is being set up.
pub(super) const ATTEMPTS: usize = 3;
/// A single loss is in the table of gaps; two runs in a row do not mend themselves.
pub(super) const LOSSES: usize = 2;
/// A single loss of this many assets is worth a look at once…
pub(super) const LOST_ASSETS: i64 = 100;
/// …when it is also this share of the discovered ones, in per cent.
pub(super) const LOST_PER_CENT: i64 = 5;
/// Fewer assets than this go missing by renaming and deleting while a scan runs.
pub(super) const UNEXPLAINED_ASSETS: i64 = 10;
/// The same as a share, in per cent.
pub(super) const UNEXPLAINED_PER_CENT: i64 = 1;
/// Runs with assets before the first that found none: an empty source is no news when it was empty before.
pub(super) const NOT_EMPTY_BEFORE: usize = 3;
/// Full scans of large sources take most of a day.
pub(super) const STUCK: i64 = 24 * HOUR;
/// Some scans always take days; they are stuck when they take this many times their longest.
pub(super) const STUCK_TIMES: i64 = 3;
/// Most runs looked at for flapping: two weeks of working days.
pub(super) const FLAPPING_RUNS: usize = 10;
/// With one failure in 20 runs, fewer than 1 in 80 healthy scans has as many among ten.
pub(super) const FLAPPING_FAILED: usize = 3;
/// Two separate failures make up to four changes; a streak makes two.
pub(super) const FLAPPING_CHANGES: usize = 4;
/// Runs that say what is usual for a scan.
pub(super) const USUAL: usize = 20;
/// Fewer runs do not say what is usual for volumes.
pub(super) const USUAL_VOLUMES: usize = 5;
/// Small sources lose half of their assets by a single change.
pub(super) const VOLUME: i64 = 20;
/// Median absolute deviations that a volume must lie below the median: about two standard deviations.
pub(super) const VOLUME_DEVIATIONS: i64 = 3;
/// Fewer runs do not say what is usual for durations, which vary more.
pub(super) const USUAL_DURATIONS: usize = 8;
/// Newest runs that must all be slow: one slow run is weather.
pub(super) const SLOW: usize = 3;
/// A shorter delay does not matter to anybody, however many times the usual it is.
pub(super) const SLOWER_BY: i64 = 10 * MINUTE;
/// Runs of the period with a queue time, before their median means anything.
pub(super) const QUEUED: usize = 5;
/// Queueing for less is how the service works.
pub(super) const QUEUE: i64 = 15 * MINUTE;
/// A scan with fewer runs is not expected back.
pub(super) const EXPECTED_BACK: usize = 3;
/// Newest runs whose longest gap says how long a scan may be silent.
pub(super) const SILENCE_RUNS: usize = 10;
/// An error is new when it happens again: single odd errors come and go.
pub(super) const NEW_ERROR_RUNS: i64 = 2;
/// Numbers of records at which portals and APIs cut an export: grids, Log Analytics, DevOps queries, CSV downloads.
pub(super) const CUTS: [i64; 4] = [10_000, 30_000, 50_000, 500_000];
/// Runs behind a finding that are listed.
pub(super) const LISTED: usize = 10;

/// Starts that show a short interval: half a day to two days of them.
pub(super) const INTERVAL_STARTS: usize = 12;
/// Longest interval that is not looked at by days.
pub(super) const INTERVAL: i64 = 12 * HOUR;
/// Share of the gaps that must be near the median, in per cent.
pub(super) const REGULAR_INTERVALS: usize = 80;
/// Stretch of the day without a start, without which starts are not at a time of day.
pub(super) const NIGHT: i64 = 6 * HOUR;
/// Days that show a daily cadence: a week of them, so that weekends are seen.
pub(super) const DAILY: usize = 7;
/// Share of the days that a daily scan runs on, in per cent.
pub(super) const DAILY_PER_CENT: usize = 90;
/// Dates that show that a weekday belongs to the cadence: the first weeks show none.
pub(super) const WEEKDAY: usize = 3;
/// Share of a weekday's dates, in per cent: one in four may be missed.
pub(super) const WEEKDAY_PER_CENT: usize = 75;
/// Share of the days that the weekdays must explain, in per cent.
pub(super) const EXPLAINED_PER_CENT: usize = 80;
/// Days that show a cadence of every so many days.
pub(super) const EVERY: usize = 4;
/// Share of the gaps between them that must be alike, in per cent.
pub(super) const EVERY_PER_CENT: usize = 75;
/// From this many days on it is a month, whose length varies by three.
pub(super) const MONTH_DAYS: i64 = 28;
/// How long after its time a run is still not missed: schedulers retry, and exports lag.
pub(super) const GRACE: i64 = 12 * HOUR;
/// More than one slot in this many, in several rows, and the schedule was changed, not missed.
pub(super) const CHANGED: usize = 4;
/// Scans due on one date, of which more than half did not run, show a pause of the whole system.
pub(super) const PAUSE: usize = 3;

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

//! How many runs, how did they end, and how does the portal see it?

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::columns::{Basics, Days, Statuses, Words};
use super::frames::{OUTCOMES, Values, figure, figures, first_int, grouped, plural, success_rate};
use super::history::Scan;
use super::{Context, NowAndBefore, inputs};
use crate::render::format;
use crate::report::{Block, Cell, Figure, Figures, Note, Notes, Section, Span, Tone, Unit};
use crate::runs::schema::{Outcome, Status};

/// The figures of the period, and of the one before.
pub(super) fn overview(context: &Context<'_>) -> Result<NowAndBefore> {
    let window = &context.prepared.window;
    let now = values(context, window.span, |scan| scan.inside() > 0)?;
    let before = window
        .previous
        .map(|span| values(context, span, |scan| scan.before > 0));
    Ok((now, before.transpose()?))
}

/// Figures for the runs of a span; `ran` is true for scans with such a run.
fn values(context: &Context<'_>, span: Span, ran: impl Fn(&Scan) -> bool) -> Result<Values> {
    let (history, counts) = (context.history()?, context.days()?);
    let frame = context.prepared.runs.frame();
    let (basics, days) = (Basics::new(frame)?, Days::of(span));
    let mut names = [None; 3];
    for (name, field) in names.iter_mut().zip(["system", "account", "source"]) {
        *name = Some(Words::new(frame, field)?);
    }
    let (mut scans, mut silent, mut sources) = (0, 0, BTreeSet::new());
    for scan in &history.scans {
        if ran(scan) {
            scans += 1;
            let newest = scan.newest().position as usize;
            let source = names.map(|words| words.and_then(|words| words.get(newest)));
            sources.extend(source[2].map(|_| source));
        } else if scan.runs.iter().any(|run| run.day < days.first) {
            silent += 1;
        }
    }
    let is_child = |row: &usize| basics.is_child(*row) && days.holds(basics.day(*row));
    let children = (0..basics.height).filter(is_child).count();
    let count = |outcome| counts.count(span, outcome);
    let mut values: Values = (OUTCOMES.iter())
        .map(|&outcome| (outcome.key(), Cell::Int(count(outcome))))
        .collect();
    let runs = OUTCOMES.iter().map(|&outcome| count(outcome)).sum();
    values.extend([
        ("runs", Cell::Int(runs)),
        ("success_rate", success_rate(count)),
        ("scans", Cell::Int(scans)),
        ("sources", Cell::Int(i64::try_from(sources.len())?)),
        ("silent_scans", Cell::Int(silent)),
        ("child_runs", Cell::Int(i64::try_from(children)?)),
    ]);
    Ok(values)
}

/// The system whose portal shows its runs in this way.
const PORTAL_SYSTEM: &str = "purview";

/// Runs by our outcome and by the class in which the portal shows them.
type Portal = BTreeMap<(&'static str, &'static str), i64>;

/// Counts as the Purview portal shows them: the run's own status first, completed with exceptions apart. `None` where runs are
/// loaded, and none of them is one that the portal shows.
fn portal(context: &Context<'_>) -> Result<Option<Portal>> {
    let frame = context.prepared.runs.frame();
    let (basics, system) = (Basics::new(frame)?, Words::new(frame, "system")?);
    let shown = system.code(PORTAL_SYSTEM);
    if basics.height > 0 && !(0..basics.height).any(|row| system.is(row, shown)) {
        return Ok(None);
    }
    let statuses = |name| Statuses::new(frame, name);
    let own = statuses("status")?;
    let (discovery, ingestion) = (statuses("discovery_status")?, statuses("ingestion_status")?);
    let class = |row: usize, ours: Outcome| {
        let has_exceptions = || {
            discovery.get(row) == Some(Status::Partial)
                || matches!(ingestion.get(row), Some(Status::Partial | Status::Failed))
        };
        match (own.get(row), ours) {
            (None, Outcome::Partial) | (Some(Status::Partial), _) => "completed_with_exceptions",
            (None, Outcome::Active)
            | (Some(Status::InProgress | Status::Queued | Status::Throttled), _) => "in_progress",
            (None, ours) => ours.key(),
            (Some(Status::Completed), _) if has_exceptions() => "completed_with_exceptions",
            (Some(Status::Completed), _) => "succeeded",
            (Some(other), _) => other.key(),
        }
    };
    let inside = Days::of(context.prepared.window.span);
    let mut counts = Portal::new();
    for row in basics.rows(inside).filter(|&row| system.is(row, shown)) {
        let ours = basics.outcome(row);
        *counts.entry((ours.key(), class(row, ours))).or_default() += 1;
    }
    Ok(Some(counts))
}

fn portal_figures(counts: Option<&Portal>) -> Figures {
    const CLASSES: [(&str, &str, &str); 6] = [
        (
            "succeeded",
            "Completed",
            "Runs of Microsoft Purview whose own status is completed and none of whose phases has an exception.",
        ),
        (
            "completed_with_exceptions",
            "Completed with exceptions",
            "Runs of Microsoft Purview whose own status is partial, or is completed while discovery was partial, or ingestion partial or failed.",
        ),
        (
            "failed",
            "Failed",
            "Runs of Microsoft Purview whose own status is failed; where a run states none, those whose outcome is failed.",
        ),
        (
            "cancelled",
            "Cancelled",
            "Runs of Microsoft Purview whose own status is cancelled; where a run states none, those whose outcome is cancelled.",
        ),
        (
            "in_progress",
            "In progress",
            "Runs of Microsoft Purview whose own status is in progress, queued or throttled; where a run states none, active runs.",
        ),
        (
            "unknown",
            "Unknown",
            "Runs of Microsoft Purview whose own status is a word that rundown does not know, or that state no status at all.",
        ),
    ];
    let none = Portal::new();
    let counted = || counts.unwrap_or(&none).iter();
    let mut items = Vec::new();
    for (key, label, meaning) in CLASSES {
        let of_class = counted().filter(|((_, portal), _)| *portal == key);
        items.push(Figure {
            value: Cell::Int(of_class.map(|(_, count)| count).sum()),
            ..figure(key, label, Unit::Count, meaning)
        });
    }
    let mut differing = 0;
    let mut why = Vec::new();
    for (&(ours, portal), &count) in counted() {
        let same = match portal {
            "completed_with_exceptions" => "partial",
            "in_progress" => "active",
            other => other,
        };
        if ours == same {
            continue;
        }
        differing += count;
        let shown = CLASSES
            .iter()
            .find(|(key, ..)| *key == portal)
            .map_or(portal, |(_, label, _)| *label);
        why.push(format!(
            "{} as {ours} here; the portal shows {} as {}",
            plural(count, "run counts", "runs count"),
            if count == 1 { "it" } else { "them" },
            shown.to_lowercase()
        ));
    }
    items.push(Figure {
        value: Cell::Int(differing),
        ..figure(
            "differing_runs",
            "Runs counted otherwise",
            Unit::Count,
            "The portal takes the run's own status first and shows a failed ingestion as completed with exceptions. Here a run is as bad as its worst phase.",
        )
    });
    let why = (!why.is_empty()).then(|| why.join(". "));
    items.push(Figure {
        value: Cell::text(why),
        ..figure(
            "why",
            "Why",
            Unit::Text,
            "Which outcome those runs have here, and where the portal puts them.",
        )
    });
    Figures {
        id: "portal",
        title: "As the Microsoft Purview portal would count",
        aside: true,
        items: match counts {
            Some(_) => Ok(items),
            None => Err("No run of Microsoft Purview is loaded.".to_owned()),
        },
    }
}

pub(super) fn known_figures() -> Vec<Figure> {
    let main = |figure: Figure| Figure {
        main: true,
        ..figure
    };
    let mut known = vec![
        main(figure(
            "success_rate",
            "Success rate",
            Unit::Share,
            "Runs completed without exceptions, of those that succeeded, were partial or failed. Cancelled, active and unknown runs are left out.",
        )),
        main(figure(
            "runs",
            "Runs",
            Unit::Count,
            "Runs whose start (else queue time, else end) lies on a day of the period. Child runs are left out.",
        )),
    ];
    known.extend(OUTCOMES.iter().map(|&outcome| {
        let shown = figure(
            outcome.key(),
            outcome.label(),
            Unit::Count,
            outcome.meaning(),
        );
        if matches!(
            outcome,
            Outcome::Succeeded | Outcome::Partial | Outcome::Failed | Outcome::Cancelled
        ) {
            main(shown)
        } else {
            shown
        }
    }));
    known.extend([
        figure(
            "scans",
            "Scans",
            Unit::Count,
            "Scans with a run in the period. A scan is known by system, account, source and name.",
        ),
        figure(
            "sources",
            "Sources",
            Unit::Count,
            "Data sources with a run in the period.",
        ),
        figure(
            "silent_scans",
            "Silent scans",
            Unit::Count,
            "Scans that ran before the period and did not run in it.",
        ),
        figure(
            "child_runs",
            "Child runs",
            Unit::Count,
            "Runs whose parent run is loaded. They are listed under it and are in no other number.",
        ),
    ]);
    known
}

/// The same figures, none of them large.
fn small(known: Vec<Figure>) -> Vec<Figure> {
    known
        .into_iter()
        .map(|figure| Figure {
            main: false,
            ..figure
        })
        .collect()
}

/// The period in a few sentences. Every number in them is in a table or a figure of the report.
fn summary(context: &Context<'_>, now: &Values, before: Option<&Values>) -> Result<Notes> {
    let mut items = inputs::alarms(context);
    let mut say = |is_bad: bool, text: String| {
        let tone = if is_bad { Tone::Warning } else { Tone::Info };
        items.push(Note { tone, text });
    };
    let rate = |values: &Values| match values.get("success_rate") {
        Some(Cell::Float(rate)) => Some(*rate),
        _ => None,
    };
    let (succeeded, failed) = (first_int(now, "succeeded"), first_int(now, "failed"));
    let ended = succeeded + first_int(now, "partial") + failed;
    if let Some(share) = rate(now) {
        let against = match before.and_then(rate) {
            Some(earlier) => {
                match format::change(&Cell::Float(share), &Cell::Float(earlier), Unit::Share) {
                    Some(change) => format!(", {change} compared with the period before"),
                    None => String::new(),
                }
            }
            None => String::new(),
        };
        let left_out = match first_int(now, "cancelled") {
            0 => "",
            _ => "; cancelled runs are left out",
        };
        let finished = plural(ended, "finished run", "finished runs");
        say(
            false,
            match ended {
                1 if succeeded == 1 => {
                    format!("The only finished run succeeded{against}{left_out}.")
                }
                _ if succeeded == ended => format!("All {finished} succeeded{against}{left_out}."),
                _ => format!(
                    "{} of {finished} succeeded ({}){against}{left_out}.",
                    grouped(succeeded),
                    format::share(share),
                ),
            },
        );
    }
    let findings = context.findings()?;
    let high: Vec<_> = findings
        .iter()
        .filter(|finding| finding.is_high())
        .collect();
    let size = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    if !high.is_empty() {
        let mut names: Vec<_> = high.iter().take(3).map(|finding| finding.title()).collect();
        if high.len() > names.len() {
            names.push(format!("and {} more", high.len() - names.len()));
        }
        say(
            true,
            format!(
                "{} attention now: {}.",
                plural(size(high.len()), "finding needs", "findings need"),
                names.join("; ")
            ),
        );
    } else if !findings.is_empty() {
        say(
            false,
            format!(
                "Nothing is urgent; {} worth a look.",
                plural(size(findings.len()), "finding is", "findings are")
            ),
        );
    }
    let history = context.history()?;
    let changed = super::changes::scans(context, history);
    if context.prepared.window.previous.is_some() {
        say(false, super::changes::sentence(&changed));
        if let Some(text) = super::changes::without_earlier_data(history) {
            say(false, text);
        }
    }
    if let Some(text) = super::systems::behind(context)? {
        say(false, text);
    }
    if let Some(cause) = super::errors::cause(context)? {
        let new = context.changed_errors()?;
        let new = new.iter().filter(|error| error.new).count();
        let new = match new {
            0 => String::new(),
            new => format!(
                "; {} not seen before",
                plural(size(new), "error was", "errors were")
            ),
        };
        say(false, format!("{cause}{new}."));
    }
    let gaps = &context.gaps()?.now;
    let (compared, missing) = (first_int(gaps, "runs_compared"), first_int(gaps, "missing"));
    if compared > 0 {
        let missing_runs = first_int(gaps, "missing_runs");
        let text = match missing {
            0 => format!(
                "Nothing is missing in the {} whose ingestion can be compared.",
                plural(compared, "run", "runs")
            ),
            missing => format!(
                "{} missing after ingestion, in {} of {} that can be compared.",
                plural(missing, "asset is", "assets are"),
                grouped(missing_runs),
                plural(compared, "run", "runs"),
            ),
        };
        say(missing > 0, text);
    }
    Ok(Notes {
        id: "summary",
        items,
    })
}

/// Where every record of the files went, in one line.
fn books(context: &Context<'_>) -> Notes {
    let totals = inputs::reconciliation(context);
    let files = i64::try_from(context.files.len()).unwrap_or(i64::MAX);
    let (tone, pointer) = match totals.rejected {
        0 => (Tone::Info, ""),
        _ => (Tone::Warning, " Inputs lists what was set aside, and why."),
    };
    let text = format!(
        "{}: {}.{pointer}",
        plural(files, "file", "files"),
        inputs::books(&totals)
    );
    Notes {
        id: "books",
        items: vec![Note { tone, text }],
    }
}

pub(super) fn section(context: &Context<'_>) -> Result<Section> {
    let (now, before) = context.overview()?;

    let mut current = figures("figures", "", known_figures(), now);
    let mut previous = match before {
        Some(row) => figures("previous", "The period before", small(known_figures()), row),
        None => Block::Figures(Figures {
            id: "previous",
            title: "The period before",
            aside: false,
            items: Err("No earlier data: the exports do not reach back to the first day of the period before.".to_owned()),
        }),
    };
    if let (
        Block::Figures(Figures {
            items: Ok(current), ..
        }),
        Block::Figures(Figures {
            items: Ok(previous),
            ..
        }),
    ) = (&mut current, &previous)
    {
        for (figure, earlier) in current.iter_mut().zip(previous) {
            figure.previous = Some(earlier.value.clone());
        }
    }
    let count = |name: &str| first_int(now, name);
    let failing = context.history()?.scans.iter();
    let failing = failing.filter(|scan| scan.count(Outcome::Failed) > 0);
    let failing = i64::try_from(failing.count())?;
    let (total, failed, scans) = (count("runs"), count("failed"), count("scans"));
    let lead = if total == 0 {
        "No run lies in this period.".to_owned()
    } else {
        let silent = match count("silent_scans") {
            0 => String::new(),
            silent => format!(
                " {} before did not run in this period.",
                plural(silent, "scan that ran", "scans that ran")
            ),
        };
        format!(
            "{} of {} failed; {} of {} had a failure.{silent}",
            grouped(failed),
            plural(total, "run", "runs"),
            grouped(failing),
            plural(scans, "scan", "scans")
        )
    };
    // The figures of this period say how they were before.
    if let Block::Figures(previous) = &mut previous {
        previous.aside = true;
    }
    let portal = portal_figures(portal(context)?.as_ref());
    Ok(Section {
        id: "overview",
        title: "Overview",
        lead,
        blocks: vec![
            Block::Notes(summary(context, now, before.as_ref())?),
            current,
            Block::Notes(books(context)),
            previous,
            Block::Figures(portal),
        ],
    })
}

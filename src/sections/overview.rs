//! How many runs, how did they end, and how does the portal see it?

use anyhow::Result;
use polars::prelude::{DataFrame, DataType, Expr, LazyFrame, UniqueKeepStrategy, col, lit, when};

use super::frames::{
    OUTCOMES, cells, collect, counts, during, figure, figures, first_int, grouped, is, number_of,
    outcome_counts, plural, rows, success_rate, until,
};
use super::{Context, inputs};
use crate::render::format;
use crate::report::{Block, Cell, Figure, Figures, Note, Notes, Section, Span, Tone, Unit};
use crate::runs::frame::column::{CHILD, DAY, OUTCOME, SCAN_KEY};
use crate::runs::schema::Outcome;

/// One row of figures for the runs of a span.
pub(super) fn overview(runs: &LazyFrame, span: Span) -> Result<DataFrame> {
    let inside = runs.clone().filter(during(span));
    let counted = inside.clone().filter(counts());
    let totals = collect(
        counted
            .clone()
            .select(outcome_counts())
            .with_column(success_rate()),
    )?;
    let scans = collect(
        counted.clone().select([col(SCAN_KEY)
            .n_unique()
            .cast(DataType::Int64)
            .alias("scans")]),
    )?;
    let sources = collect(
        counted
            .filter(col("source").is_not_null())
            .select([col("system"), col("account"), col("source")])
            .unique(None, UniqueKeepStrategy::Any)
            .select([rows().alias("sources")]),
    )?;
    let first = lit(crate::runs::calendar::epoch_day(span.first));
    let silent = collect(
        runs.clone()
            .filter(counts().and(until(span.last)))
            .group_by([col(SCAN_KEY)])
            .agg([col(DAY).max()])
            .select([number_of(col(DAY).cast(DataType::Int32).lt(first)).alias("silent_scans")]),
    )?;
    let children = collect(inside.select([number_of(col(CHILD)).alias("child_runs")]))?;
    let mut row = totals;
    for other in [scans, sources, silent, children] {
        row.hstack_mut(other.columns())
            .map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    Ok(row)
}

/// The system whose portal shows its runs in this way.
const PORTAL_SYSTEM: &str = "purview";

/// Counts as the Purview portal shows them: the run's own status first, completed with exceptions apart.
fn portal(runs: &LazyFrame, span: Span) -> Result<DataFrame> {
    let stated = |field: &str, words: &[&str]| {
        words
            .iter()
            .map(|&word| col(field).eq(lit(word)))
            .fold(lit(false), Expr::or)
    };
    let exceptions = stated("discovery_status", &["partial"])
        .or(stated("ingestion_status", &["partial", "failed"]));
    let ours = col(OUTCOME).cast(DataType::String);
    let class = when(col("status").is_null())
        .then(
            when(ours.clone().eq(lit("partial")))
                .then(lit("completed_with_exceptions"))
                .when(ours.clone().eq(lit("active")))
                .then(lit("in_progress"))
                .otherwise(ours.clone()),
        )
        .when(stated("status", &["completed"]))
        .then(
            when(exceptions.fill_null(lit(false)))
                .then(lit("completed_with_exceptions"))
                .otherwise(lit("succeeded")),
        )
        .when(stated("status", &["partial"]))
        .then(lit("completed_with_exceptions"))
        .when(stated("status", &["in_progress", "queued", "throttled"]))
        .then(lit("in_progress"))
        .otherwise(col("status").cast(DataType::String));
    let same = when(col("portal").eq(lit("completed_with_exceptions")))
        .then(lit("partial"))
        .when(col("portal").eq(lit("in_progress")))
        .then(lit("active"))
        .otherwise(col("portal"));
    collect(
        runs.clone()
            .filter(counts().and(during(span)).and(of_portal()))
            .select([ours.alias("ours"), class.alias("portal")])
            .with_column(same.alias("same"))
            .group_by([col("ours"), col("portal"), col("same")])
            .agg([rows().alias("runs")])
            .sort(
                ["ours", "portal"],
                polars::prelude::SortMultipleOptions::default(),
            ),
    )
}

fn of_portal() -> Expr {
    col("system").eq(lit(PORTAL_SYSTEM))
}

/// True where runs are loaded, and none of them is one that the portal shows.
fn without_portal(runs: &LazyFrame) -> Result<bool> {
    let known = collect(
        runs.clone()
            .select([rows().alias("all"), number_of(of_portal()).alias("shown")]),
    )?;
    Ok(first_int(&known, "all")? > 0 && first_int(&known, "shown")? == 0)
}

fn portal_figures(frame: &DataFrame) -> Result<Figures> {
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
    let (ours, portal, same, runs) = (
        cells(frame, "ours")?,
        cells(frame, "portal")?,
        cells(frame, "same")?,
        cells(frame, "runs")?,
    );
    let number = |at: usize| if let Cell::Int(n) = runs[at] { n } else { 0 };
    let mut items = Vec::new();
    for (key, label, meaning) in CLASSES {
        let count: i64 = (0..runs.len())
            .filter(|&at| portal[at] == Cell::Text(key.to_owned()))
            .map(number)
            .sum();
        items.push(Figure {
            value: Cell::Int(count),
            ..figure(key, label, Unit::Count, meaning)
        });
    }
    let mut differing = 0;
    let mut why = Vec::new();
    for at in (0..runs.len()).filter(|&at| ours[at] != same[at]) {
        differing += number(at);
        if let (Cell::Text(ours), Cell::Text(portal)) = (&ours[at], &portal[at]) {
            let shown = CLASSES
                .iter()
                .find(|(key, ..)| key == portal)
                .map_or(portal.as_str(), |(_, label, _)| *label);
            why.push(format!(
                "{} as {ours} here; the portal shows {} as {}",
                plural(number(at), "run counts", "runs count"),
                if number(at) == 1 { "it" } else { "them" },
                shown.to_lowercase()
            ));
        }
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
    Ok(Figures {
        id: "portal",
        title: "As the Microsoft Purview portal would count",
        aside: true,
        items: Ok(items),
    })
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
fn summary(context: &Context<'_>, now: &DataFrame, before: Option<&DataFrame>) -> Result<Notes> {
    let mut items = inputs::alarms(context);
    let mut say = |is_bad: bool, text: String| {
        let tone = if is_bad { Tone::Warning } else { Tone::Info };
        items.push(Note { tone, text });
    };
    let rate = |row: &DataFrame| -> Result<Option<f64>> {
        Ok(match cells(row, "success_rate")?.first() {
            Some(Cell::Float(rate)) => Some(*rate),
            _ => None,
        })
    };
    let (succeeded, failed) = (first_int(now, "succeeded")?, first_int(now, "failed")?);
    let ended = succeeded + first_int(now, "partial")? + failed;
    if let Some(share) = rate(now)? {
        let against = match before.map(rate).transpose()?.flatten() {
            Some(earlier) => {
                match format::change(&Cell::Float(share), &Cell::Float(earlier), Unit::Share) {
                    Some(change) => format!(", {change} compared with the period before"),
                    None => String::new(),
                }
            }
            None => String::new(),
        };
        let left_out = match first_int(now, "cancelled")? {
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
    let (gaps, _) = context.gaps()?;
    let (compared, missing) = (
        first_int(gaps, "runs_compared")?,
        first_int(gaps, "missing")?,
    );
    if compared > 0 {
        let missing_runs = first_int(gaps, "missing_runs")?;
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
    let prepared = context.prepared;
    let runs = prepared.runs.lazy();
    let (now, before) = context.overview()?;

    let mut current = figures("figures", "", known_figures(), now)?;
    let mut previous = match before {
        Some(row) => figures("previous", "The period before", small(known_figures()), row)?,
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
    let failed_runs = counts()
        .and(during(prepared.window.span))
        .and(is(Outcome::Failed));
    let failing = runs.clone().filter(failed_runs);
    let failing = collect(failing.select([col(SCAN_KEY).n_unique().alias("scans")]))?;
    let failing = first_int(&failing, "scans")?;
    let (total, failed, scans) = (count("runs")?, count("failed")?, count("scans")?);
    let lead = if total == 0 {
        "No run lies in this period.".to_owned()
    } else {
        let silent = match count("silent_scans")? {
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
    let mut portal = portal_figures(&portal(&runs, prepared.window.span)?)?;
    if without_portal(&runs)? {
        portal.items = Err("No run of Microsoft Purview is loaded.".to_owned());
    }
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

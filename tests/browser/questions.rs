//! Ten questions of somebody who looks after data sources, and where the page of the samples answers them: the table of
//! `docs/PAGE.md`. The answers are those of `sample_data/README.md`.

use serde_json::{Value, json};

use crate::devtools::{Tab, browser};
use crate::inspect::{LIGHT, assert_none, open};
use crate::reports;

/// A question, what is clicked, and what can then be seen where.
struct Question {
    asks: &'static str,
    clicks: &'static [&'static str],
    /// Elements, each with words that it shows.
    answers: &'static [(&'static str, &'static str)],
}

/// The finding about the scan of story a, whose first failed run is 347c9866.
const STOPPED: &str = "[...document.querySelectorAll('#findings tbody')].find(b => b.rows[0].textContent.includes('sql-crm-prod / daily'))";

const QUESTIONS: [Question; 10] = [
    Question {
        asks: "Which scans broke, and why?",
        clicks: &[],
        answers: &[
            (
                "document.querySelector('.sum')",
                "Stopped succeeding: sql-crm-prod / daily",
            ),
            ("$STOPPED.rows[0]", "Stopped succeeding"),
            ("$STOPPED.rows[0]", "AADSTS7000222"),
        ],
    },
    Question {
        asks: "Since when?",
        clicks: &[],
        answers: &[("$STOPPED.rows[0]", "2026-11-10 02:30")],
    },
    Question {
        asks: "What do I do?",
        clicks: &[],
        answers: &[(
            "$STOPPED.rows[0]",
            "Check whether the credential was changed, rotated or has expired",
        )],
    },
    Question {
        asks: "Did anything get lost in ingestion?",
        clicks: &["document.querySelector('nav a[href=\"#gaps\"]')"],
        answers: &[
            (
                "document.querySelector('.sum')",
                "2,878 assets are missing after ingestion, in 9 of 253 runs",
            ),
            (
                "[...document.querySelectorAll('#gaps tbody')].find(b => b.textContent.includes('sqlmi-logistics / weekly-full'))",
                "Loss",
            ),
        ],
    },
    Question {
        asks: "Which runs do I attach to the ticket?",
        clicks: &["$STOPPED.querySelector('summary')"],
        answers: &[(
            "$STOPPED.querySelector('details')",
            "347c9866-0301-46dc-8769-92b70b98defc",
        )],
    },
    Question {
        asks: "Is this week worse than the last?",
        clicks: &[],
        answers: &[
            (
                "document.querySelector('.sum')",
                "−5.5 points compared with the period before",
            ),
            ("document.querySelector('.tiles')", "+32, before: 13"),
        ],
    },
    Question {
        asks: "Which source type fails most?",
        clicks: &["document.querySelector('nav a[href=\"#scans\"]')"],
        answers: &[(
            "document.querySelector('#scans table').tBodies[0]",
            "AzureSqlDatabase",
        )],
    },
    Question {
        asks: "What is slow?",
        clicks: &["document.querySelector('nav a[href=\"#durations\"]')"],
        answers: &[(
            "document.querySelector('#durations table').tBodies[0]",
            "sap-s4-core / weekly-full",
        )],
    },
    Question {
        asks: "What was not read?",
        clicks: &["document.querySelector('nav a[href=\"#inputs\"]')"],
        answers: &[
            (
                "document.querySelector('#overview .notes')",
                "+ 4 set aside +",
            ),
            (
                "[...document.querySelectorAll('#inputs tbody')].find(b => b.textContent.includes('27 Oct, quarter to ten'))",
                "sample_data/other-systems.csv",
            ),
        ],
    },
    Question {
        asks: "How is the success rate defined?",
        clicks: &["document.querySelector('#overview .how summary')"],
        answers: &[(
            "document.querySelector('#overview .how')",
            "Runs completed without exceptions, of those that succeeded, were partial or failed.",
        )],
    },
];

/// The page says what is written there: the smallest element that holds the words can be seen.
const SHOWS: &str = "(within, words) => {
    const plain = e => e.textContent.replace(/\\s+/g, ' ');
    let at = within;
    for (let next = at; next; next = [...at.children].find(c => plain(c).includes(words))) at = next;
    return plain(at).includes(words) && at.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true });
}";

#[test]
fn ten_questions_are_answered_within_two_clicks() {
    let Some(browser) = browser() else { return };
    let page = reports::sample(&["report"], &[]);
    let mut missing = Vec::new();
    for scripts in [false, true] {
        let mut tab = Tab::new(&browser);
        tab.scripts(scripts);
        for question in &QUESTIONS {
            open(&mut tab, &page.file, LIGHT);
            assert!(question.clicks.len() <= 2, "{}", question.asks);
            let js = |text: &str| text.replace("$STOPPED", STOPPED);
            let unseen = |tab: &mut Tab| {
                let mut unseen = Vec::new();
                for (place, words) in question.answers {
                    let place = js(place);
                    let words = json!(words);
                    let shown = tab.eval(&format!(
                        "(() => {{ const e = {place}; return e && ({SHOWS})(e, {words}) }})()"
                    ));
                    if shown != json!(true) {
                        unseen.push(format!("{} with scripts {scripts}: {words}", question.asks));
                    }
                }
                unseen
            };
            // What has to be opened is not seen before.
            let closed = question
                .clicks
                .iter()
                .any(|click| click.contains("summary"));
            assert_eq!(unseen(&mut tab).is_empty(), !closed, "{}", question.asks);
            for click in question.clicks {
                tab.click(&js(click));
            }
            missing.extend(unseen(&mut tab));
        }
        assert_none("what was asked", &tab.complaints(&page.file));
    }
    assert_none("answers", &missing);
}

/// Everything that can be used is reached by Tab, in the order of the page, is seen to be reached, and lets go again.
#[test]
fn tab_reaches_everything_that_can_be_used() {
    let Some(browser) = browser() else { return };
    let page = reports::every_status();
    for scripts in [false, true] {
        let mut tab = Tab::new(&browser);
        tab.scripts(scripts);
        open(&mut tab, &page.file, LIGHT);
        // Of the buttons of a group one is reached; arrow keys choose another. What is closed is not reached.
        let count = tab.eval(
            "(() => {
                const usable = [...document.querySelectorAll('a[href], summary, button, input, [tabindex=\"0\"]')]
                    .filter(e => e.checkVisibility({ contentVisibilityAuto: true }) && (e.type !== 'radio' || e.checked));
                usable.forEach((e, at) => e.dataset.at = at);
                return usable.length;
            })()",
        );
        let count = count.as_i64().unwrap();
        assert!(count > 30, "{count}");
        let mut faults = Vec::new();
        for expected in 0..count {
            tab.key("Tab");
            let at = tab.eval(
                "(() => {
                    const e = document.activeElement, lit = x => x && getComputedStyle(x).outlineStyle !== 'none';
                    return [Number(e.dataset.at ?? -1), lit(e) || lit(e.closest('label')) || lit(e.nextElementSibling), e.outerHTML.slice(0, 90)];
                })()",
            );
            if at[0] != json!(expected) {
                faults.push(format!("after {expected} comes {at}"));
                break;
            }
            if at[1] != Value::Bool(true) {
                faults.push(format!("not seen to be reached: {}", at[2]));
            }
        }
        tab.key("Tab");
        if tab.eval(
            "document.activeElement === document.body || document.activeElement.dataset.at === '0'",
        ) != json!(true)
        {
            faults.push("the last one does not let go".to_owned());
        }
        assert_none(&format!("with scripts {scripts}"), &faults);
    }
}

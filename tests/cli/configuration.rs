//! `rundown.toml`, profiles and the environment.

use std::path::Path;

use crate::{Done, GOOD, command, finish, folder_of, names, rundown};

/// The program with these variables.
fn with(folder: &Path, environment: &[(&str, &str)], args: &[&str]) -> Done {
    let mut command = command(folder, args);
    command.envs(environment.iter().copied());
    finish(command)
}

/// The line of `rundown config` that speaks of an option: what is said of it, and where it comes from.
#[track_caller]
fn line(done: &Done, option: &str) -> (String, String) {
    let listing = done.out();
    let found = listing
        .lines()
        .filter_map(|line| line.rsplit_once("  # "))
        .find(|(text, _)| text.trim_start_matches("# ").split(' ').next() == Some(option));
    let (text, note) = found.unwrap_or_else(|| panic!("no {option}:\n{listing}"));
    (text.trim_end().to_owned(), note.to_owned())
}

/// Fails unless the call ends with 2, writes nothing, and its error says all of this.
#[track_caller]
fn refused(files: &[(&str, &str)], environment: &[(&str, &str)], args: &[&str], says: &[&str]) {
    let folder = folder_of(files);
    let before = names(folder.path());
    let done = with(folder.path(), environment, args).ends(2);
    assert!(done.err.starts_with("error: "), "{}", done.err);
    for says in says {
        assert!(done.err.contains(says), "{says:?} in: {}", done.err);
    }
    assert_eq!(done.out(), "", "{args:?}");
    assert_eq!(names(folder.path()), before, "{args:?}");
}

/// Variables, arguments, the time zone that they result in, and where it comes from.
type Call<'a> = (
    &'a [(&'a str, &'a str)],
    &'a [&'a [&'a str]],
    &'a str,
    &'a str,
);

#[test]
fn each_level_goes_before_the_next() {
    let folder = folder_of(&[
        (
            "rundown.toml",
            "tz = \"Asia/Tokyo\"\n[profile.p]\ntz = \"Asia/Seoul\"\n",
        ),
        (
            "own.toml",
            "tz = \"Europe/Paris\"\n\n[profile.p]\ntz = \"Europe/Rome\"\n",
        ),
    ]);
    let variable = [("RUNDOWN_TZ", "Europe/Oslo")];
    let profile = ["--profile", "p"];
    let own = ["--config", "own.toml"];
    let zurich = ["--tz", "Europe/Zurich"];
    let calls: [Call<'_>; 8] = [
        (&[], &[&["--no-config"]], "UTC", "default"),
        (&[], &[], "Asia/Tokyo", "rundown.toml:1"),
        (&[], &[&profile], "Asia/Seoul", "rundown.toml:3 [profile.p]"),
        (&[], &[&own], "Europe/Paris", "own.toml:1"),
        (
            &[],
            &[&own, &profile],
            "Europe/Rome",
            "own.toml:4 [profile.p]",
        ),
        (
            &variable,
            &[&own, &profile],
            "Europe/Oslo",
            "environment RUNDOWN_TZ",
        ),
        (
            &variable,
            &[&["--no-config"]],
            "Europe/Oslo",
            "environment RUNDOWN_TZ",
        ),
        (
            &variable,
            &[&own, &profile, &zurich],
            "Europe/Zurich",
            "command line",
        ),
    ];
    for (environment, args, value, place) in calls {
        let args = [&["config"], &args.concat()[..]].concat();
        let done = with(folder.path(), environment, &args).ends(0);
        let expected = (format!("tz = {value:?}"), place.to_owned());
        assert_eq!(line(&done, "tz"), expected, "{args:?}");
    }
}

#[test]
fn the_profile_and_the_file_may_come_from_the_environment() {
    let folder = folder_of(&[
        ("rundown.toml", "title = \"here\"\n"),
        (
            "own.toml",
            "[profile.p]\ntitle = \"p\"\n[profile.q]\ntitle = \"q\"\n",
        ),
    ]);
    let environment = [("RUNDOWN_CONFIG", "own.toml"), ("RUNDOWN_PROFILE", "p")];
    let done = with(folder.path(), &environment, &["config"]).ends(0);
    assert_eq!(line(&done, "title").0, "title = \"p\"");
    let listing = done.out();
    assert!(
        listing.starts_with(
            "# files: own.toml (profiles p, q), then rundown.toml\n\
             # profile: p (environment RUNDOWN_PROFILE)\n"
        ),
        "{listing}"
    );
    let done = with(folder.path(), &environment, &["config", "--profile", "q"]).ends(0);
    assert_eq!(line(&done, "title").0, "title = \"q\"");
    // The command line wants no file, whatever the environment names.
    let done = with(folder.path(), &environment, &["config", "--no-config"]).ends(0);
    assert!(done.out().starts_with("# files: none\n# profile: none\n"));
    assert_eq!(line(&done, "title").1, "not set");
    // A variable with a slip is told, and does no harm.
    let done = with(folder.path(), &[("RUNDOWN_TITEL", "x")], &["config"]).ends(0);
    let told = "# environment: RUNDOWN_TITEL is no option; did you mean RUNDOWN_TITLE?\n";
    assert!(done.out().contains(told), "{}", done.out());
}

#[test]
fn a_report_needs_no_argument_when_the_file_names_its_inputs() {
    let config = "inputs = [\"runs.csv\"]\noutput = [\"out.json\"]\ntitle = \"From a file\"\n";
    let folder = folder_of(&[
        ("team/runs.csv", GOOD),
        ("team/rundown.toml", config),
        ("other.csv", GOOD),
    ]);
    // In its own folder, and from above it: paths start from the folder of the file.
    let team = folder.path().join("team");
    rundown(&team, &["report"]).ends(0);
    assert_eq!(names(&team), ["out.json", "rundown.toml", "runs.csv"]);
    std::fs::remove_file(team.join("out.json")).unwrap();
    let args = ["report", "--config", "team/rundown.toml"];
    rundown(folder.path(), &args).ends(0);
    assert_eq!(names(&team), ["out.json", "rundown.toml", "runs.csv"]);
    let json = std::fs::read_to_string(team.join("out.json")).unwrap();
    assert!(json.contains("From a file"), "{json}");
    assert!(json.contains("team/runs.csv"), "{json}");
    // Inputs of the command line replace those of the file; other commands use them as well.
    let args = ["check", "other.csv", "--config", "team/rundown.toml"];
    let done = rundown(folder.path(), &args).ends(0);
    assert!(done.out().contains("other.csv"), "{}", done.out());
    assert!(!done.out().contains("runs.csv"), "{}", done.out());
    let done = rundown(&team, &["check"]).ends(0);
    assert!(done.out().contains("runs.csv"), "{}", done.out());
    rundown(&team, &["summary"]).ends(0);
    // Without the file an input is missing, as ever.
    let done = rundown(&team, &["report", "--no-config"]).ends(2);
    assert!(done.err.contains("<INPUT>"), "{}", done.err);
    rundown(folder.path(), &["report"]).ends(2);
}

#[test]
fn a_list_replaces_the_one_of_a_lower_level_whole() {
    let folder = folder_of(&[(
        "rundown.toml",
        "source = [\"a\", \"b\"]\nset = { account = \"x\", system = \"y\" }\n\
         [profile.p]\nsource = \"c\"\n[profile.p.set]\naccount = \"z\"\n",
    )]);
    let top = rundown(folder.path(), &["config"]).ends(0);
    assert_eq!(line(&top, "source").0, "source = [\"a\", \"b\"]");
    assert_eq!(line(&top, "set").0, "set = [\"account=x\", \"system=y\"]");
    let p = ["config", "--profile", "p"];
    let profile = rundown(folder.path(), &p).ends(0);
    assert_eq!(line(&profile, "source").0, "source = [\"c\"]");
    let set = ("set = [\"account=z\"]", "rundown.toml:5 [profile.p]");
    let found = line(&profile, "set");
    assert_eq!((found.0.as_str(), found.1.as_str()), set);
    let lines = [("RUNDOWN_SOURCE", "d\n\n e,f\n")];
    let variable = with(folder.path(), &lines, &p).ends(0);
    assert_eq!(line(&variable, "source").0, "source = [\"d\", \" e,f\"]");
    let args = [&p[..], &["--source", "g", "--source", "h"]].concat();
    let call = with(folder.path(), &lines, &args).ends(0);
    assert_eq!(line(&call, "source").0, "source = [\"g\", \"h\"]");
}

#[test]
fn what_excludes_a_lower_level_drops_it() {
    let text = "inputs = \"runs.csv\"\nlast = \"7d\"\n[profile.p]\nfrom = \"2026-10-05\"\n";
    let folder = folder_of(&[("rundown.toml", text), ("runs.csv", GOOD)]);
    let first = |environment: &[(&str, &str)], args: &[&str]| {
        let args = [&["report", "-o", "-", "--format", "json"], args].concat();
        let json = with(folder.path(), environment, &args).ends(0).json();
        json["window"]["first"].as_str().unwrap().to_owned()
    };
    let variable = [("RUNDOWN_FROM", "2026-10-09")];
    assert_eq!(first(&[], &[]), "2026-10-26");
    assert_eq!(first(&[], &["--from", "2026-10-01"]), "2026-10-01");
    assert_eq!(first(&[], &["--profile", "p"]), "2026-10-05");
    assert_eq!(first(&variable, &["--profile", "p"]), "2026-10-09");
    assert_eq!(
        first(&variable, &["--profile", "p", "--last", "2d"]),
        "2026-10-31"
    );
    let done = rundown(folder.path(), &["config", "--profile", "p"]).ends(0);
    let dropped = "not set; rundown.toml:2 gives way to from";
    assert_eq!(
        line(&done, "last"),
        ("# last".to_owned(), dropped.to_owned())
    );
    // Within one level neither goes before the other.
    let both = "from = 2026-11-01\ntz = \"UTC\"\nlast = \"7d\"\n";
    let says = [
        "rundown.toml:3: `last` cannot be combined with `from`",
        "rundown.toml:1",
    ];
    refused(&[("rundown.toml", both)], &[], &["config"], &says);
    let variables = [("RUNDOWN_FROM", "2026-11-01"), ("RUNDOWN_LAST", "7d")];
    let says = [
        "environment RUNDOWN_LAST: `last`",
        "environment RUNDOWN_FROM",
    ];
    refused(&[], &variables, &["config"], &says);
    // The command line settles it.
    let folder = folder_of(&[("rundown.toml", both)]);
    let done = rundown(folder.path(), &["config", "--last", "all"]).ends(0);
    assert_eq!(line(&done, "last").1, "command line");
}

#[test]
fn a_key_that_is_no_option_is_refused_with_its_line_and_the_nearest_name() {
    for (text, says) in [
        (
            "\nlsat = \"7d\"",
            &[
                "rundown.toml:2: no option is called `lsat`",
                "did you mean `last`?",
                "week-start",
            ][..],
        ),
        (
            "[profile.p]\n\nweek-strat = 1",
            &["rundown.toml:3 [profile.p]: ", "`week-start`?"],
        ),
        (
            "[profiles.p]\ntz = \"UTC\"",
            &["rundown.toml:1: ", "did you mean `profile`?"],
        ),
        (
            "[report]\ntz = \"UTC\"",
            &["rundown.toml:1: no option is called `report`"],
        ),
        ("profile = \"p\"", &["rundown.toml:1: ", "[profile.NAME]"]),
        ("profile.p = 1", &["rundown.toml:1: ", "[profile.NAME]"]),
        (
            "config = \"x\"",
            &[
                "rundown.toml:1: `config` cannot be set in a file",
                "RUNDOWN_CONFIG",
            ],
        ),
        (
            "no_config = true",
            &[
                "rundown.toml:1: `no_config` cannot be set in a file",
                "RUNDOWN_NO_CONFIG",
            ],
        ),
        (
            "help = true",
            &["rundown.toml:1: no option is called `help`"],
        ),
        (
            "run-type = \"full\"\nrun_type = \"full\"",
            &["rundown.toml:2: `run-type` is set twice", "rundown.toml:1"],
        ),
        (
            "tz = \"UTC\"\ntz = \"UTC\"",
            &["rundown.toml:2: is not TOML"],
        ),
        ("tz = UTC", &["rundown.toml:1: is not TOML"]),
    ] {
        for args in [&["config"][..], &["summary", "runs.csv"]] {
            let files = [("rundown.toml", text), ("runs.csv", GOOD)];
            refused(&files, &[], args, says);
        }
    }
    // Commands that read no file need no configuration.
    let folder = folder_of(&[("rundown.toml", "nonsense")]);
    rundown(folder.path(), &["presets"]).ends(0);
    rundown(folder.path(), &["report", "--help"]).ends(0);
}

#[test]
fn a_value_that_the_command_line_refuses_is_refused_with_its_line() {
    for (text, says) in [
        (
            "tz = \"Mars/Phobos\"",
            &["rundown.toml:1: `tz` cannot be \"Mars/Phobos\""][..],
        ),
        (
            "by = \"year\"",
            &[
                "rundown.toml:1: `by` cannot be \"year\"",
                "day, week, month, auto",
            ],
        ),
        ("last = \"5x\"", &["rundown.toml:1: `last`", "5x"]),
        ("from = 2026-02-30", &["rundown.toml:1: "]),
        ("from = 2026-11-01T00:00:00Z", &["rundown.toml:1: `from`"]),
        (
            "max-rejects = 0.5",
            &["rundown.toml:1: `max-rejects` cannot be 0.5"],
        ),
        (
            "max-age = 3",
            &["rundown.toml:1: `max-age` cannot be 3", "such as 3d"],
        ),
        (
            "title = 5",
            &["rundown.toml:1: `title` cannot be 5", "quotation marks"],
        ),
        (
            "force = \"yes\"",
            &["rundown.toml:1: `force` cannot be \"yes\"", "true or false"],
        ),
        ("color = true", &["rundown.toml:1: `color` cannot be true"]),
        ("by = [\"day\"]", &["rundown.toml:1: `by` cannot be a list"]),
        (
            "by = { a = 1 }",
            &["rundown.toml:1: `by` cannot be a table"],
        ),
        (
            "source = { a = 1 }",
            &["rundown.toml:1: `source` cannot be a table"],
        ),
        (
            "source = [[\"a\"]]",
            &["rundown.toml:1: `source` cannot be a list"],
        ),
        // In a list, the line is that of the value.
        (
            "set = [\n  \"account=x\",\n  \"system\",\n]",
            &["rundown.toml:3: `set` cannot be \"system\"", "FIELD=VALUE"],
        ),
        // Neither the profile nor the option is used.
        (
            "[profile.p]\ndecimal = \"dot\"",
            &["rundown.toml:2 [profile.p]: `decimal`", "point, comma"],
        ),
        ("init-mapping = 1", &["rundown.toml:1: `init-mapping`"]),
        // These are found out when the option is used.
        (
            "set = { nope = \"1\" }",
            &["rundown.toml:1: --set nope=1: "],
        ),
        ("\noutcome = \"fine\"", &["rundown.toml:2: --outcome"]),
        ("\npreset = \"nope\"", &["rundown.toml:2: --preset"]),
        ("\noutput = \"a.docx\"", &["rundown.toml:2: a.docx: "]),
        (
            "\nmapping = \"none.toml\"",
            &["rundown.toml:2: --mapping: none.toml: cannot be read"],
        ),
        (
            "\nerror-rules = \"none.toml\"",
            &["rundown.toml:2: --error-rules: none.toml: cannot be read"],
        ),
    ] {
        let files = [("rundown.toml", text), ("runs.csv", GOOD)];
        refused(&files, &[], &["report", "runs.csv"], says);
        refused(&files, &[], &["config"], says);
    }
    for (name, value, says) in [
        (
            "RUNDOWN_TZ",
            "Mars",
            &["environment RUNDOWN_TZ: `tz` cannot be \"Mars\""][..],
        ),
        (
            "RUNDOWN_FORCE",
            "perhaps",
            &["environment RUNDOWN_FORCE: ", "true or false"],
        ),
        (
            "RUNDOWN_SET",
            "account=a\nsystem",
            &["environment RUNDOWN_SET: `set` cannot be \"system\""],
        ),
        (
            "RUNDOWN_OUTCOME",
            "fine",
            &["environment RUNDOWN_OUTCOME: --outcome"],
        ),
        (
            "RUNDOWN_CONFIG",
            "none.toml",
            &["environment RUNDOWN_CONFIG: none.toml: cannot be read"],
        ),
        (
            "RUNDOWN_PROFILE",
            "p",
            &[
                "environment RUNDOWN_PROFILE: no profile is called \"p\"",
                "no rundown.toml",
            ],
        ),
    ] {
        refused(
            &[("runs.csv", GOOD)],
            &[(name, value)],
            &["report", "runs.csv"],
            says,
        );
    }
    let files = [("rundown.toml", "inputs = \"none\"\n")];
    refused(
        &files,
        &[],
        &["report"],
        &["rundown.toml:1: none: cannot be read"],
    );
    // What the command line says is told as ever.
    let files = [("rundown.toml", "tz = \"UTC\"\n")];
    refused(
        &files,
        &[],
        &["report", "x", "--tz", "Mars"],
        &["'Mars' for '--tz <ZONE>'"],
    );
}

#[test]
fn a_profile_or_a_file_that_is_not_there_is_refused() {
    let files = [
        ("rundown.toml", "[profile.weekly]\n[profile.monthly]\n"),
        ("own.toml", ""),
    ];
    let says = [
        "--profile: no profile is called \"wekly\"",
        "did you mean \"weekly\"?",
        "rundown.toml has monthly, weekly",
    ];
    refused(&files, &[], &["config", "--profile", "wekly"], &says);
    let args = ["config", "--profile", "x", "--config", "own.toml"];
    refused(
        &files,
        &[],
        &args,
        &["own.toml has no profile", "rundown.toml has monthly"],
    );
    refused(
        &files,
        &[],
        &["config", "--config", "none.toml"],
        &["none.toml: cannot be read"],
    );
    refused(
        &files,
        &[],
        &["config", "--no-config", "--profile", "weekly"],
        &["--no-config"],
    );
    // Named twice, it is read once.
    let folder = folder_of(&files);
    let args = [
        "config",
        "--config",
        "./rundown.toml",
        "--profile",
        "weekly",
    ];
    let done = rundown(folder.path(), &args).ends(0);
    let files = "# files: ./rundown.toml (profiles monthly, weekly)\n";
    assert!(done.out().starts_with(files), "{}", done.out());
    // Notepad begins a file with a mark.
    let folder = folder_of(&[(
        "rundown.toml",
        "\u{feff}tz = \"Asia/Tokyo\"\r\nby = \"day\"\r\n",
    )]);
    let done = rundown(folder.path(), &["config"]).ends(0);
    assert_eq!(line(&done, "by").1, "rundown.toml:2");
    assert_eq!(line(&done, "tz").0, "tz = \"Asia/Tokyo\"");
}

#[test]
fn completions_and_manual_pages_know_the_commands_and_options() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = rundown(folder.path(), &["completions", shell])
            .ends(0)
            .out();
        for word in ["convert", "week-start"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        // These three complete the words of an option as well.
        if ["bash", "zsh", "fish"].contains(&shell) {
            assert!(script.contains("sunday"), "{shell}");
        }
    }
    rundown(folder.path(), &["completions", "dos"]).ends(2);
    let page = rundown(folder.path(), &["man"]).ends(0).out();
    assert!(page.contains(".TH rundown 1"), "{page}");
    assert!(page.contains("rundown\\-convert(1)"), "{page}");
    let page = rundown(folder.path(), &["man", "convert"]).ends(0).out();
    assert!(page.contains(".TH rundown-convert 1"), "{page}");
    assert!(page.contains("\\-\\-week\\-start"), "{page}");
    let done = rundown(folder.path(), &["man", "reprot"]).ends(2);
    assert!(
        done.err.contains("did you mean \"report\"?"),
        "{}",
        done.err
    );
    assert!(names(folder.path()).is_empty());
}

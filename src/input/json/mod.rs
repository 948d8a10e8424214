//! JSON: split into records, whose values are then read.

pub mod extract;
mod scan;
pub mod split;
#[cfg(test)]
mod spoilt;
mod tree;

pub use extract::{Extractor, add_outer_paths, add_paths};
pub use split::{Documents, RecordPath, documents};

/// How many records are looked at to recognise their kind.
pub const LOOKED_AT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::reject::{Code, Reject, Rejects};
    use crate::mapping::catalogue::Catalogue;
    use crate::mapping::evidence::Book;
    use crate::mapping::mapper::{Mapper, Store, Supplied};
    use crate::mapping::plan::Header;
    use crate::mapping::preset::Preset;
    use crate::runs::schema::Field;

    fn mapper_of(preset: Preset) -> Mapper {
        Mapper::new(
            &std::sync::Arc::new(preset),
            &Supplied::default(),
            "x.json",
            "x",
            Header::Free,
            &Book::default(),
            Store::default(),
        )
    }

    fn mapper() -> Mapper {
        mapper_of(Preset::clone(
            &Catalogue::default().find("purview").unwrap(),
        ))
    }

    fn split(text: &str) -> Documents<'_> {
        let catalogue = Catalogue::default();
        let (paths, _) = catalogue.record_paths().unwrap();
        let paths: Vec<_> = paths
            .into_iter()
            .map(RecordPath::new)
            .chain(RecordPath::usual())
            .collect();
        documents(text, &paths, Rejects::default())
    }

    fn load(text: &str) -> (Mapper, Vec<Reject>) {
        let mut mapper = mapper();
        let mut found = split(text);
        Extractor::for_mapper(&mapper).read(&found, &mut mapper);
        (mapper, std::mem::take(&mut found.rejects).kept)
    }

    const RUN: &str =
        r#"{"id":"1","status":"Succeeded","startTime":"2026-11-01T00:00:00Z","scanName":"s"}"#;

    #[test]
    fn every_envelope_holds_the_same_run() {
        for (text, line) in [
            (RUN.to_owned(), 1),
            (format!("[\n{RUN}]"), 2),
            (format!("{{\"value\":[{RUN}],\n\"nextLink\":null}}"), 1),
            (format!("{{\"value\":\n{RUN}}}"), 2),
            (format!("{{\"count\":1,\n\n\"value\":[\n{RUN}]}}"), 4),
            (format!("{{\"records\":[{RUN}]}}"), 1),
            (
                format!("{{\"scanRuns\":{{\"totalCount\":1,\"runs\":[{RUN}]}}}}"),
                1,
            ),
            (
                format!(
                    "{{\"parameters\":{{}},\"responses\":{{\"200\":{{\"body\":{{\"value\":[{RUN}]}}}}}}}}"
                ),
                1,
            ),
            (
                format!("{{\"parameters\":{{}},\"responses\":{{\"200\":{{\"body\":{RUN}}}}}}}"),
                1,
            ),
            (format!("[{{\"value\":[{RUN}]}}]"), 1),
        ] {
            let (mapper, rejects) = load(&text);
            assert_eq!((mapper.records.len(), rejects.len()), (1, 0), "{text}");
            assert_eq!(
                mapper.records.run_id_text(0).as_deref(),
                Some("1"),
                "{text}"
            );
            assert_eq!(mapper.records.line(0), line, "{text}");
        }
    }

    #[test]
    fn names_may_stand_in_the_document_around() {
        let text = format!(
            r#"{{"parameters":{{"dataSourceName":"DS","scanName":"outer"}},"responses":{{"200":{{"body":{{"value":[{RUN}]}}}}}}}}"#
        );
        let (mapper, _) = load(&text);
        assert_eq!(mapper.records.text(Field::Source, 0), Some("DS"));
        assert_eq!(mapper.records.text(Field::Scan, 0), Some("s"));
    }

    #[test]
    fn an_empty_list_is_a_good_file() {
        for text in ["[]", r#"{"value":[],"nextLink":null}"#, ""] {
            let found = split(text);
            assert!(found.items.is_empty() && found.rejects.total == 0, "{text}");
        }
        assert!(split(r#"{"value":[],"nextLink":"https://x"}"#).next_page);
    }

    #[test]
    fn a_cut_array_keeps_its_whole_elements() {
        let text = format!("[\n{RUN},\n{RUN},\n{}", &RUN[..30]);
        let (mapper, rejects) = load(&text);
        assert_eq!(mapper.records.len(), 2);
        assert_eq!((rejects[0].line, rejects[0].code), (4, Code::JsonSyntax));
        assert!(
            rejects[0].hint.contains("may be cut"),
            "{}",
            rejects[0].hint
        );
    }

    #[test]
    fn broken_records_are_named_by_line() {
        let twice = RUN.replace(
            r#""scanName":"s""#,
            r#""scanName":"s","scan_name":"t","scanName":"u""#,
        );
        let (mapper, _) = load(&format!("[\n{RUN},\n7,\n{twice}]"));
        let rejects: Vec<_> = mapper
            .rejects
            .kept
            .iter()
            .map(|r| (r.line, r.code, r.column.as_deref()))
            .collect();
        assert_eq!(
            rejects,
            [
                (3, Code::JsonType, None),
                (4, Code::JsonDupKey, Some("scanName"))
            ]
        );
    }

    #[test]
    fn a_broken_line_costs_one_record() {
        let mut mapper = mapper();
        let text = format!("{RUN}\n{{\"id\":\n\n{RUN}\n{RUN} x\n");
        Extractor::for_mapper(&mapper)
            .read_lines(text.as_bytes(), true, &mut mapper)
            .unwrap();
        let rejects: Vec<_> = mapper
            .rejects
            .kept
            .iter()
            .map(|r| (r.line, r.code))
            .collect();
        assert_eq!(rejects, [(2, Code::JsonSyntax), (5, Code::JsonSyntax)]);
        assert_eq!([0, 1].map(|row| mapper.records.line(row)), [1, 4]);
    }

    #[test]
    fn a_cut_page_keeps_its_whole_records() {
        let text = format!("{{\"count\":3,\"value\":[\n{RUN},\n{RUN},\n{}", &RUN[..30]);
        let (mapper, rejects) = load(&text);
        assert_eq!(mapper.records.len(), 2);
        assert_eq!((rejects.len(), rejects[0].line), (1, 4));
    }

    #[test]
    fn a_broken_document_costs_one_record() {
        let pretty = RUN.replace(',', ",\n  ");
        let broken = pretty.replace("\"s\"}", "\"s\",}");
        let (mapper, rejects) = load(&format!("{pretty}\n{broken}\n{pretty}\n"));
        assert_eq!(mapper.records.len(), 2);
        assert_eq!((rejects.len(), rejects[0].line), (1, 5));
    }

    #[test]
    fn the_last_of_the_pages_says_that_they_are_complete() {
        let page = |link: &str| format!(r#"{{"value":[{RUN}],"nextLink":{link}}}"#);
        assert!(split(&page("\"https://x\"")).next_page);
        let both = format!("{}{}", page("\"https://x\""), page("null"));
        assert!(!split(&both).next_page);
    }

    #[test]
    fn each_scan_of_a_list_brings_its_last_run() {
        let text = format!(
            r#"{{"value":[{{"id":"datasources/DS/scans/S","name":"S","lastRunResult":{}}},{{"id":"datasources/DS/scans/T","name":"T","lastRunResult":null}}]}}"#,
            RUN.replace(r#","scanName":"s""#, "")
        );
        let (mapper, _) = load(&text);
        assert_eq!(mapper.records.len(), 1);
        assert_eq!(mapper.records.text(Field::Source, 0), Some("DS"));
        assert_eq!(mapper.records.text(Field::Scan, 0), Some("S"));
    }

    #[test]
    fn records_of_any_shape_are_reached_by_a_mapping() {
        let mapping = r#"
            [input]
            records = "jobs.*.attempts"
            [fields]
            scan = { path = "@key" }
            source = "^.name"
            account = "^.tenant"
            run_id = "n"
            status = "s"
            started_at = "detail.at"
            row_count = { path = "parts[].rows", fold = "sum" }
        "#;
        let text = r#"{"tenant": "t", "jobs": {
            "a": {"name": "A", "attempts": [{"n": 1, "s": "failed", "detail": "{\"at\": 1764547200}", "parts": [{"rows": 2}, {"rows": 3}]}]},
            "b": {"name": "B", "attempts": [{"n": 2, "s": "completed", "detail": {"at": 1764547200}, "parts": []}]}}}"#;
        let preset = Preset::parse_named(mapping, "m").unwrap();
        let paths: Vec<_> = preset
            .input
            .records
            .iter()
            .map(|path| RecordPath::new(path))
            .collect();
        let mut mapper = mapper_of(preset);
        let found = documents(text, &paths, Rejects::default());
        Extractor::for_mapper(&mapper).read(&found, &mut mapper);
        assert_eq!(mapper.records.len(), 2, "{:?} {found:?}", mapper.rejects);
        let of = |field, row| mapper.records.text(field, row).map(str::to_owned);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            [0, 1].map(|row| of(Field::Source, row)),
            [some("A"), some("B")]
        );
        assert_eq!(of(Field::Account, 1), some("t"));
        assert_eq!(
            [0, 1].map(|row| mapper.records.int(Field::RowCount, row)),
            [Some(5), None]
        );
        assert_eq!(
            mapper.records.int(Field::StartedAt, 0),
            Some(1_764_547_200_000_000)
        );
    }

    #[test]
    fn an_object_of_records_gives_each_its_key() {
        let preset = Preset::parse_named(
            r#"input.records = "*"
fields = { run_id = { path = "@key" }, status = "s", ended_at = "t" }"#,
            "m",
        )
        .unwrap();
        let paths = [RecordPath::new("*")];
        let mut mapper = mapper_of(preset);
        let found = documents(
            r#"{"r1": {"s": "failed", "t": "2026-11-01"}, "r2": {"s": "failed", "t": "2026-11-01"}}"#,
            &paths,
            Rejects::default(),
        );
        Extractor::for_mapper(&mapper).read(&found, &mut mapper);
        assert_eq!(
            [0, 1].map(|row| mapper.records.run_id_text(row)),
            [Some("r1".into()), Some("r2".into())]
        );
    }
}

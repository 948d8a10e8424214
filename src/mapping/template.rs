//! Fields from the path of a file: the raw Purview answer names neither source nor scan, they are only in its URL.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use regex::Regex;

use crate::runs::schema::{Field, Kind};

/// A pattern such as `{source}/{scan}.json`, matched against the end of a path.
#[derive(Clone, Debug)]
pub struct PathTemplate {
    pattern: Regex,
    fields: Vec<Field>,
}

impl PathTemplate {
    /// Reads a template. Every `{field}` stands for one or more characters without `/`, every `*` for any of them.
    pub fn new(template: &str) -> Result<PathTemplate> {
        let mut pattern = String::from("(?:^|/)");
        let mut fields = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .with_context(|| format!("{template:?}: a {{ is not closed"))?;
            let field = text_field(name).with_context(|| format!("{template:?}"))?;
            if fields.contains(&field) {
                bail!("{template:?}: {{{name}}} stands twice");
            }
            pattern.push_str(&literal(before));
            pattern.push_str("([^/]+)");
            fields.push(field);
            rest = after;
        }
        if fields.is_empty() {
            bail!(
                "{template:?} names no field\n       expected a pattern such as {{source}}/{{scan}}.json"
            );
        }
        pattern.push_str(&literal(rest));
        pattern.push('$');
        Ok(PathTemplate {
            pattern: Regex::new(&pattern)?,
            fields,
        })
    }

    /// The fields that a path states; empty when it does not fit. A compressed file may keep its `.gz` or `.zst` to
    /// itself.
    pub fn read(&self, path: &str) -> BTreeMap<Field, String> {
        let path = path.replace('\\', "/");
        let bare = [".gz", ".zst"]
            .iter()
            .find_map(|ending| path.strip_suffix(ending))
            .unwrap_or(&path);
        self.pattern
            .captures(bare)
            .or_else(|| self.pattern.captures(&path))
            .map(|found| {
                self.fields
                    .iter()
                    .enumerate()
                    .filter_map(|(at, &field)| {
                        Some((field, found.get(at + 1)?.as_str().to_owned()))
                    })
                    .collect()
            })
            .unwrap_or_default()
    }
}

/// The pattern for what stands between fields.
fn literal(text: &str) -> String {
    let parts: Vec<_> = text.split('*').map(regex::escape).collect();
    parts.join("[^/]*")
}

/// The text field with this key, for `--set` and path templates.
pub fn text_field(key: &str) -> Result<Field> {
    let field = Field::of(key).filter(|field| matches!(field.kind(), Kind::Text | Kind::RunId));
    field.with_context(|| {
        let known: Vec<_> = Field::ALL
            .iter()
            .filter(|field| field.kind() == Kind::Text)
            .map(|field| field.key())
            .collect();
        format!(
            "no text field {key:?}\n       expected one of {}",
            known.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(template: &str, path: &str) -> Vec<(Field, String)> {
        PathTemplate::new(template)
            .unwrap()
            .read(path)
            .into_iter()
            .collect()
    }

    #[test]
    fn the_end_of_a_path_is_matched() {
        let both = [
            (Field::Source, "sql-1".to_owned()),
            (Field::Scan, "daily".to_owned()),
        ];
        assert_eq!(
            read("{source}/{scan}.json", "exports/sql-1/daily.json"),
            both
        );
        assert_eq!(read("{source}/{scan}.json", "sql-1/daily.json.gz"), both);
        assert_eq!(read("{source}/{scan}.json", "x\\sql-1\\daily.json"), both);
        assert_eq!(
            read("{source}/{scan}.*.json", "sql-1/daily.12.json.zst"),
            both
        );
        assert_eq!(read("{source}/{scan}.json", "daily.json"), []);
        assert_eq!(read("runs_{scan}.csv", "x/my_runs_a.csv"), []);
    }

    #[test]
    fn mistakes_are_named() {
        let error = |template: &str| format!("{:#}", PathTemplate::new(template).unwrap_err());
        assert!(error("{sourc}/x.json").contains("no text field \"sourc\""));
        assert!(error("{source/x.json").contains("is not closed"));
        assert!(error("{scan}/{scan}.json").contains("twice"));
        assert!(error("x.json").contains("names no field"));
    }
}

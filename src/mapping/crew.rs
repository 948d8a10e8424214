//! Several mappers for one file: what comes out is as if one had mapped its records in order.
//!
//! A reader cuts a file into batches, in order. Batches are dealt to the mappers in turn, and what each has made of its
//! own is put back into the order of the batches at the end: records, rejects and counts do not depend on the number of
//! mappers, nor on how fast each is.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use super::mapper::Mapper;

/// Batches on their way to each mapper.
const QUEUED: usize = 4;

/// Takes batches in order, and gives back an empty one for each.
pub trait Feed<B> {
    /// Hands a batch over.
    fn feed(&mut self, batch: B) -> B;
}

/// What one batch came to: records, and rejects that were kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Yield {
    pub(super) rows: usize,
    pub(super) rejects: usize,
}

/// Maps each batch where it is handed over.
struct AtOnce<'m, F> {
    mapper: &'m mut Mapper,
    map: F,
}

impl<B, F: FnMut(&mut Mapper, &mut B)> Feed<B> for AtOnce<'_, F> {
    fn feed(&mut self, mut batch: B) -> B {
        (self.map)(self.mapper, &mut batch);
        self.mapper.tell();
        batch
    }
}

/// Deals batches to mappers in other threads.
struct Dealer<B> {
    full: Vec<SyncSender<B>>,
    empty: Receiver<B>,
    next: usize,
}

impl<B: Default> Feed<B> for Dealer<B> {
    fn feed(&mut self, batch: B) -> B {
        // Nobody listens only where a mapper has panicked, which ends everything.
        let _handed_over = self.full[self.next].send(batch);
        self.next = (self.next + 1) % self.full.len();
        self.empty.try_recv().unwrap_or_default()
    }
}

/// Maps what a reader feeds, with as many mappers as there are `helpers` and one more: `mapper` itself, which has all in
/// the end. `map` maps a batch with the state of its mapper; without helpers the batch is mapped where it is fed.
/// Otherwise the reader has a thread of its own.
///
/// Returns what the reader returns, when all that it fed is mapped.
pub fn map_all<B, S, T>(
    mapper: &mut Mapper,
    own: &mut S,
    helpers: Vec<S>,
    map: impl Fn(&mut Mapper, &mut S, &mut B) + Sync,
    read: impl FnOnce(&mut dyn Feed<B>) -> T + Send,
) -> T
where
    B: Default + Send,
    S: Send,
    T: Send,
{
    // What a survey tells depends on the order of the records.
    if helpers.is_empty() || mapper.survey.is_some() {
        let map = |mapper: &mut Mapper, batch: &mut B| map(mapper, own, batch);
        return read(&mut AtOnce { mapper, map });
    }
    let before = mapper.state();
    let (full, mut queues): (Vec<_>, Vec<_>) = (0..=helpers.len())
        .map(|_| sync_channel::<B>(QUEUED))
        .unzip();
    let (back, empty) = channel::<B>();
    let mut dealer = Dealer {
        full,
        empty,
        next: 0,
    };
    let map = &map;
    let (read, mapped, yields) = thread::scope(|scope| {
        let reading = scope.spawn(move || read(&mut dealer));
        let first = queues.remove(0);
        let helping: Vec<_> = queues
            .into_iter()
            .zip(helpers)
            .map(|(queue, mut state)| {
                let mut mapper = mapper.fork();
                let back = back.clone();
                scope.spawn(move || {
                    let yields = work(&mut mapper, &mut state, map, &queue, &back);
                    (mapper, yields)
                })
            })
            .collect();
        let mut yields = vec![work(mapper, own, map, &first, &back)];
        let mut mapped = Vec::new();
        for helper in helping {
            let (mapper, of_helper) = joined(helper.join());
            mapped.push(mapper);
            yields.push(of_helper);
        }
        (joined(reading.join()), mapped, yields)
    });
    let turns = yields.iter().map(Vec::len).max().unwrap_or_default();
    let pieces: Vec<(usize, Yield)> = (0..turns)
        .flat_map(|turn| {
            yields
                .iter()
                .map(move |of| of.get(turn).copied())
                .enumerate()
        })
        .filter_map(|(who, piece)| Some((who, piece?)))
        .collect();
    mapper.gather(before, mapped, &pieces);
    read
}

/// Maps the batches of a queue, and says what each came to.
fn work<B, S>(
    mapper: &mut Mapper,
    state: &mut S,
    map: &impl Fn(&mut Mapper, &mut S, &mut B),
    queue: &Receiver<B>,
    back: &Sender<B>,
) -> Vec<Yield> {
    let mut yields = Vec::new();
    let mut before = mapper.state();
    for mut batch in queue {
        map(mapper, state, &mut batch);
        mapper.tell();
        let now = mapper.state();
        yields.push(Yield {
            rows: now.rows - before.rows,
            rejects: now.rejects - before.rejects,
        });
        before = now;
        // The reader may have reached the end and gone.
        let _unneeded = back.send(batch);
    }
    yields
}

fn joined<T>(result: thread::Result<T>) -> T {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::mapping::catalogue::Catalogue;
    use crate::mapping::evidence::Book;
    use crate::mapping::mapper::{Store, Supplied};
    use crate::mapping::path::Path;
    use crate::mapping::plan::Header;
    use crate::mapping::values::Value;
    use crate::runs::schema::{Field, Kind};

    /// Every value, place and count of a mapper.
    fn all(mapper: &Mapper) -> String {
        let records = &mapper.records;
        let mut told = String::new();
        for row in 0..records.len() {
            told.push_str(&format!("{} {}:", records.file(row), records.line(row)));
            for &field in Field::ALL {
                let value = match field.kind() {
                    Kind::Text => records.text(field, row).map(str::to_owned),
                    Kind::RunId => records.run_id_text(row).map(Cow::into_owned),
                    Kind::Status => records
                        .status(field, row)
                        .map(|status| status.key().to_owned()),
                    Kind::Time | Kind::Int => records.int(field, row).map(|int| int.to_string()),
                };
                if let Some(value) = value {
                    told.push_str(&format!(" {}={value}", field.key()));
                }
            }
            told.push_str(&format!(" {:?}\n", records.estimate(Field::EndedAt, row)));
        }
        told + &format!(
            "{:?}\n{:?}\n{:?}",
            mapper.rejects,
            mapper.tally,
            mapper.evidence()
        )
    }

    /// Batches of 0 to 6 rows: some fields are stated in some rows only or from some row on, some rows are rejected, one
    /// time leaves the order of its numbers open, one status is unknown, one error holds a secret.
    fn mapped(helpers: usize, rows: usize) -> Mapper {
        let preset = Catalogue::default().find("native").unwrap();
        let supplied = Supplied::default();
        let book = Book::default();
        // Records of a file before, so that rows are put behind others.
        let mut store = Store::default();
        for file in ["a", "b"] {
            let mut mapper =
                Mapper::new(&preset, &supplied, file, file, Header::Free, &book, store);
            mapper.records.begin_file();
            let slots: Vec<String> = mapper.slots().iter().map(Path::joined).collect();
            let record = |mapper: &mut Mapper, at: usize| {
                let text = |text: String| Value::Text(text.into());
                let secret = ["pass", "word=Zeb", "ra42x!"].concat();
                let values: Vec<Value<'_>> = slots
                    .iter()
                    .map(|slot| match slot.as_str() {
                        "scan" => text(format!("scan {}", at * at % 11)),
                        "runid" if !at.is_multiple_of(3) => text(format!("run-{at}")),
                        "status" if at == 17 => text("Odd".to_owned()),
                        "status" => text(["Failed", "Succeeded"][at % 2].to_owned()),
                        "startedat" if at == 31 => text("3/4/2026 10:00:00".to_owned()),
                        "startedat" => text(format!("2026-11-01T00:{:02}:00Z", at % 60)),
                        "rowcount" if at % 13 == 5 => text("many".to_owned()),
                        "rowcount" if at > 40 => Value::Int(i64::try_from(at).unwrap()),
                        "errormessage" if at % 7 == 2 => text(format!("{secret} at {at}")),
                        "discoverystatus" if at.is_multiple_of(5) => text("Completed".to_owned()),
                        _ => Value::Missing,
                    })
                    .collect();
                mapper.record(at as u64 + 2, &values);
            };
            map_all(
                &mut mapper,
                &mut (),
                vec![(); helpers],
                |mapper, (), batch: &mut Vec<usize>| {
                    for &at in batch.iter() {
                        record(mapper, at);
                    }
                },
                |feed| {
                    let mut next = 0;
                    let mut batch = Vec::new();
                    for size in (0..7).cycle() {
                        batch.extend(next..rows.min(next + size));
                        next = rows.min(next + size);
                        batch = feed.feed(batch);
                        batch.clear();
                        if next == rows {
                            break;
                        }
                    }
                },
            );
            if file == "b" {
                return mapper;
            }
            store = mapper.into_store();
        }
        panic!("there are two files")
    }

    #[test]
    fn what_several_make_is_in_the_order_of_the_file() {
        for rows in [0, 1, 2, 40, 300, 3_000] {
            let one = all(&mapped(0, rows));
            for helpers in 1..4 {
                assert_eq!(
                    one,
                    all(&mapped(helpers, rows)),
                    "{rows} rows, {helpers} helpers"
                );
            }
            // 13 n + 5 is below 300 for 23 n; 31, whose day may be its month, is one of them.
            if rows == 300 {
                assert!(one.contains("total: 23"), "{one}");
                assert!(one.contains("<password>") && one.contains("Odd"), "{one}");
            }
        }
    }

    #[test]
    fn a_reader_that_fails_has_what_it_fed_before_mapped() {
        let preset = Catalogue::default().find("native").unwrap();
        for helpers in [0, 2] {
            let mut mapper = Mapper::new(
                &preset,
                &Supplied::default(),
                "x",
                "x",
                Header::Free,
                &Book::default(),
                Store::default(),
            );
            let read: anyhow::Result<()> = map_all(
                &mut mapper,
                &mut (),
                vec![(); helpers],
                |mapper, (), (): &mut ()| mapper.tally.blank_lines += 1,
                |feed| {
                    for () in [(); 5] {
                        feed.feed(());
                    }
                    anyhow::bail!("the disk is gone")
                },
            );
            assert_eq!(read.unwrap_err().to_string(), "the disk is gone");
            assert_eq!(mapper.tally.blank_lines, 5);
        }
    }
}

//! How many threads work at the same time: as many as the machine has cores, or as many as are wanted.
//!
//! The number belongs to the process, as the threads of Polars do. Nothing that is computed depends on it.

use std::cell::Cell;
use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many are wanted; 0 where nobody has said.
static WANTED: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How many of the wanted threads are for what this thread has to do; 0 for all of them.
    static SHARE: Cell<usize> = const { Cell::new(0) };
}

/// Lets no more than so many threads work at the same time from now on. To be called before anything is read.
///
/// The threads that Polars starts are one for each core, whatever is wanted. Where fewer are wanted, what it computes is
/// computed in the thread that asks.
pub fn limit(most: NonZero<usize>) {
    WANTED.store(most.get(), Ordering::Relaxed);
    prepare();
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

fn wanted() -> Option<usize> {
    Some(WANTED.load(Ordering::Relaxed)).filter(|&wanted| wanted > 0)
}

/// Keeps Polars in this thread, where fewer threads are wanted than it has.
fn prepare() {
    if wanted().is_some_and(|wanted| wanted < cores()) {
        polars_async::executor::ALLOW_RAYON_THREADS.set(false);
    }
}

/// So many threads may work on what this thread has to do, itself included.
///
/// Where nobody has said how many are wanted, threads may be more than cores for a while: one that has nothing to do leaves
/// its core to another.
pub fn share() -> usize {
    match (wanted(), SHARE.get()) {
        (None, _) => cores(),
        (Some(wanted), 0) => wanted,
        (Some(_), share) => share,
    }
}

/// So many threads share work that grows with the records: more would wait for each other.
pub fn count() -> usize {
    const MOST: usize = 8;
    share().min(MOST)
}

/// Computes something for each item, side by side. The results are in the order of the items.
pub fn each<T: Send, R: Send>(
    items: impl IntoIterator<Item = T>,
    compute: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let items: Vec<T> = items.into_iter().collect();
    let workers = count().min(items.len());
    if workers <= 1 {
        return items.into_iter().map(compute).collect();
    }
    let share = (share() / workers).max(1);
    let next = Mutex::new(items.into_iter().enumerate());
    let work = || {
        prepare();
        SHARE.set(share);
        let mut results = Vec::new();
        loop {
            // Not held while the item is worked on.
            let item = next.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, item)) = item else {
                return results;
            };
            results.push((at, compute(item)));
        }
    };
    let mut results: Vec<(usize, R)> = thread::scope(|scope| {
        let working: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let done = working.into_iter().map(thread::ScopedJoinHandle::join);
        done.flat_map(|done| done.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Computes two things, the second of them in a thread of its own where there may be two.
pub fn both<A, B: Send>(one: impl FnOnce() -> A, other: impl FnOnce() -> B + Send) -> (A, B) {
    if share() <= 1 {
        return (one(), other());
    }
    let whole = share();
    let half = wanted().map_or(0, |_| whole / 2);
    thread::scope(|scope| {
        let other = scope.spawn(move || {
            prepare();
            SHARE.set(half);
            other()
        });
        let before = SHARE.replace(wanted().map_or(0, |_| whole - half));
        let one = one();
        SHARE.set(before);
        let other = other.join();
        (one, other.unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

/// Computes something early that is computed again, or waited for, where it is needed. Not where one thread has enough to do.
pub fn ahead(compute: impl FnOnce() + Send + 'static) {
    if share() > 1 {
        thread::spawn(compute);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items_whichever_is_ready_first() {
        let wait = |n: u64| {
            thread::sleep(std::time::Duration::from_millis(10 * (3 - n)));
            n * n
        };
        assert_eq!(each(vec![0, 1, 2, 3], wait), [0, 1, 4, 9]);
        let nothing: Vec<u64> = each(Vec::new(), wait);
        assert!(nothing.is_empty());
        let (one, other) = both(|| wait(1), || wait(3));
        assert_eq!((one, other), (1, 9));
    }

    #[test]
    fn a_panic_goes_on_where_the_result_is_wanted() {
        let panics = |n: u64| assert!(n != 1, "as it must");
        assert!(std::panic::catch_unwind(|| each(vec![0, 1], panics)).is_err());
        assert!(std::panic::catch_unwind(|| both(|| 0, || panics(1))).is_err());
    }
}

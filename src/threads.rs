//! How many threads work at a time, and work in parts.

use std::sync::{Mutex, PoisonError};
use std::thread;

/// Most threads that are used.
const MOST: usize = 8;

/// So many threads keep the cores of this machine busy.
pub fn count() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST))
}

/// Does the same with each part, in as many threads as there are cores, and gives what the parts come to in their order. A
/// panic of one goes on here.
pub fn each<P: Send, T: Send>(
    parts: impl IntoIterator<Item = P>,
    work: impl Fn(P) -> T + Sync,
) -> Vec<T> {
    let parts: Vec<P> = parts.into_iter().collect();
    let helpers = count().min(parts.len()).saturating_sub(1);
    if helpers == 0 {
        return parts.into_iter().map(work).collect();
    }
    let total = parts.len();
    let parts = Mutex::new(parts.into_iter().enumerate());
    let done = Mutex::new(Vec::with_capacity(total));
    let all = || {
        loop {
            // A thread that panics ends everything, so nobody sees what it left.
            let next = parts.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((at, part)) = next else { break };
            let one = (at, work(part));
            done.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(one);
        }
    };
    thread::scope(|scope| {
        let others: Vec<_> = (0..helpers).map(|_| scope.spawn(all)).collect();
        all();
        for other in others {
            if let Err(panic) = other.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_parts_come_to_is_in_their_order() {
        assert_eq!(each(0..5, |part| part * part), [0, 1, 4, 9, 16]);
        assert!(each(Vec::<i32>::new(), |part| part).is_empty());
    }

    #[test]
    #[should_panic(expected = "part 1")]
    fn a_panic_goes_on() {
        each(0..3, |part| assert_ne!(part, 1, "part 1"));
    }
}

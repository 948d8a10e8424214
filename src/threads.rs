//! How many threads work at a time, and work in parts.

use std::thread;

/// Most threads that are used.
const MOST: usize = 8;

/// So many threads keep the cores of this machine busy.
pub fn count() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST))
}

/// Does the same with each part, in a thread of its own but for the last, and gives what they come to in their order.
/// A panic of one goes on here.
pub fn each<P: Send, T: Send>(
    parts: impl IntoIterator<Item = P>,
    work: impl Fn(P) -> T + Sync,
) -> Vec<T> {
    let mut parts: Vec<P> = parts.into_iter().collect();
    let Some(last) = parts.pop() else {
        return Vec::new();
    };
    let work = &work;
    thread::scope(|scope| {
        let others: Vec<_> = parts
            .into_iter()
            .map(|part| scope.spawn(move || work(part)))
            .collect();
        let last = work(last);
        let mut done: Vec<T> = others
            .into_iter()
            .map(|other| {
                other
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect();
        done.push(last);
        done
    })
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

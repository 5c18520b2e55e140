//! Runs other programs and reports progress.

use crate::{Outcome, root};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};
use std::time::Instant;

/// When the program started. `main` reads it first of all.
pub static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Prints the name of the step that starts now, after the seconds since the start of the program.
pub fn step(text: &str) {
    eprintln!("==> {:>4} s  {text}", STARTED.elapsed().as_secs());
}

/// Calls `work` for each item, on as many threads as the machine has cores, and returns the results in the order of the
/// items.
///
/// # Errors
/// Returns the first error, in the order of the items. The other items are worked on all the same.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> Outcome<R> + Sync) -> Outcome<Vec<R>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    let run = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            let result = work(item);
            results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((at, result));
        }
    };
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(run))));
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Returns a command that runs a program in the root folder of the workspace.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Returns a command for the same cargo that runs this program.
pub fn cargo() -> Command {
    program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
}

/// Runs a command and waits until it finishes.
///
/// # Errors
/// Returns a message that names the command if it cannot be started or fails.
pub fn check(command: &mut Command) -> Outcome {
    let status = command.stdin(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{}` failed ({status})", display(command))),
        Err(error) => Err(format!("cannot start `{}`: {error}", display(command))),
    }
}

/// Runs a command and returns what it prints. Returns `None` if it cannot be started or fails.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Returns the path of a program, or `None` if it is not in `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn display(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::in_parallel;

    #[test]
    fn results_of_parallel_work_keep_their_order() {
        let items: Vec<u64> = (0..50).collect();
        let doubled = in_parallel(&items, |item| {
            std::thread::yield_now();
            Ok(item * 2)
        });
        assert_eq!(doubled, Ok((0..50).map(|item| item * 2).collect()));
        let failed = in_parallel(&items, |item| if item % 20 == 19 { Err(item.to_string()) } else { Ok(()) });
        assert_eq!(failed, Err("19".to_owned()));
        assert_eq!(in_parallel(&[], |()| Ok(())), Ok(vec![]));
    }
}

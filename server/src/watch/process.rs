//! What the system tells of this process; where it tells nothing, nothing is made up.

use core::time::Duration;
use std::path::Path;
use std::time::Instant;

/// Reads the process again and again; processor time is that since the reading before.
#[derive(Debug)]
pub struct Process {
    before: Option<(Instant, Duration)>,
}

/// One reading.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Processor time since the reading before, in hundredths of one core; none for the first.
    pub cpu_pct: Option<f64>,
    /// Processor time since the start, in seconds.
    pub cpu_s: Option<f64>,
    /// Resident memory in bytes.
    pub memory_bytes: Option<u64>,
    /// Memory of the machine, or what this process may have of it, in bytes.
    pub memory_most: Option<u64>,
    /// Open files and sockets.
    pub open_files: Option<u64>,
}

impl Process {
    /// Nothing was read yet.
    #[must_use]
    pub fn new() -> Self {
        Self { before: None }
    }

    /// Reads the process.
    pub fn read(&mut self) -> Reading {
        let (now, spent) = (Instant::now(), processor_time());
        let before = core::mem::replace(&mut self.before, spent.map(|spent| (now, spent)));
        let cpu_pct = spent.zip(before).and_then(|(spent, (then, spent_then))| {
            let wall_s = now.duration_since(then).as_secs_f64();
            let share = spent.saturating_sub(spent_then).as_secs_f64() / wall_s;
            (wall_s > 0.0).then(|| (share * 1000.0).round() / 10.0)
        });
        Reading {
            cpu_pct,
            cpu_s: spent.map(|spent| spent.as_secs_f64()),
            memory_bytes: read("/proc/self/status").and_then(|text| kilobytes(&text, "VmRSS:")),
            memory_most: memory_most(),
            open_files: std::fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as u64),
        }
    }
}

impl Default for Process {
    fn default() -> Self {
        Self::new()
    }
}

/// Free bytes where `folder` is, or will be.
#[must_use]
pub fn free_bytes(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let there = folder.ancestors().find(|path| path.exists()).filter(|path| path.as_os_str() != "");
        let disk = rustix::fs::statvfs(there.unwrap_or_else(|| Path::new("."))).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

fn processor_time() -> Option<Duration> {
    #[cfg(unix)]
    {
        let spent = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Some(Duration::new(u64::try_from(spent.tv_sec).ok()?, u32::try_from(spent.tv_nsec).ok()?))
    }
    #[cfg(not(unix))]
    None
}

/// A container may have less than the machine.
fn memory_most() -> Option<u64> {
    let machine = read("/proc/meminfo").and_then(|text| kilobytes(&text, "MemTotal:"));
    let container = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
    machine.into_iter().chain(container).min()
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// The number of a line such as `VmRSS:   123 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(kilobytes(text, "VmRSS:"), expected, "{text:?}");
    }

    #[test]
    fn lines_of_the_system_are_read() {
        check("Name:\tx\nVmRSS:\t   120 kB\nThreads: 3", Some(122_880));
        check("VmRSS:\t many kB", None);
        check("VmRSS:\t 120", None);
        check("", None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_told() {
        let mut process = Process::new();
        let first = process.read();
        assert!(
            first.cpu_pct.is_none() && first.memory_bytes > Some(1_000_000) && first.open_files > Some(2)
        );
        assert!(first.memory_most > first.memory_bytes);
        let spins = (0..20_000_000_u64).fold(0, |sum, number| core::hint::black_box(sum ^ number));
        let second = process.read();
        assert!(second.cpu_pct > Some(0.0) && second.cpu_s > first.cpu_s, "{second:?} {spins}");
        assert!(free_bytes(Path::new("no/such/folder")) > Some(0));
    }
}

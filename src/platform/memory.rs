//! How much memory there is, as Linux tells it.
//!
//! Nobody is asked elsewhere, and nothing is known then. What is there changes while other programs run: it is a hint.

use std::fs;

/// Bytes that this process could still take: what the system can spare, and no more than its control groups allow.
#[must_use]
pub fn available() -> Option<u64> {
    available_by(|path| fs::read_to_string(path).ok())
}

/// Most bytes that this process has had in memory at a time.
#[must_use]
pub fn peak() -> Option<u64> {
    kilobytes(&fs::read_to_string("/proc/self/status").ok()?, "VmHWM:")
}

fn available_by(read: impl Fn(&str) -> Option<String>) -> Option<u64> {
    let system = read("/proc/meminfo").and_then(|text| kilobytes(&text, "MemAvailable:"));
    let groups = read("/proc/self/cgroup").unwrap_or_default();
    let allowed = groups.lines().filter_map(|line| {
        // `0::/a/b` in the unified hierarchy, `4:memory:/a/b` in that of memory alone.
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        match controllers {
            "" => spare(&read, "/sys/fs/cgroup", path, ["memory.max", "memory.current", "inactive_file"]),
            "memory" => {
                let files = ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"];
                spare(&read, "/sys/fs/cgroup/memory", path, files)
            }
            _ => None,
        }
    });
    system.into_iter().chain(allowed).min()
}

/// What the control group at `path` and those above it leave, by the names of their files for limit and use, and of the
/// line for what could be dropped.
fn spare(
    read: impl Fn(&str) -> Option<String>,
    root: &str,
    path: &str,
    [limit, used, cached]: [&str; 3],
) -> Option<u64> {
    let number = |file: String| read(&file)?.trim().parse::<u64>().ok();
    let mut group = path.trim_end_matches('/');
    let mut least = None;
    loop {
        if let Some(limit) = number(format!("{root}{group}/{limit}")) {
            let used = number(format!("{root}{group}/{used}")).unwrap_or(0);
            let stat = read(&format!("{root}{group}/memory.stat")).unwrap_or_default();
            let cached = line_of(&stat, cached).and_then(|rest| rest.parse().ok()).unwrap_or(0);
            let left = limit.saturating_sub(used.saturating_sub(cached));
            least = Some(least.map_or(left, |least: u64| least.min(left)));
        }
        match group.rsplit_once('/') {
            Some((above, _)) => group = above,
            None => return least,
        }
    }
}

/// What stands behind a word at the start of a line.
fn line_of<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix([' ', '\t'])).map(str::trim)
}

fn kilobytes(text: &str, word: &str) -> Option<u64> {
    line_of(text, word)?.strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: (&str, &str) =
        ("/proc/meminfo", "MemTotal:       24000000 kB\nMemFree:  10 kB\nMemAvailable:   20000000 kB\n");

    fn available_with(files: &[(&str, &str)]) -> Option<u64> {
        available_by(|path| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned()))
    }

    #[test]
    fn the_system_says_what_it_can_spare() {
        assert_eq!(available_with(&[SYSTEM]), Some(20_000_000 * 1024));
        assert_eq!(available_with(&[]), None);
        assert_eq!(available_with(&[("/proc/meminfo", "MemAvailable: much\n")]), None);
    }

    #[test]
    fn a_control_group_allows_what_it_and_those_above_leave() {
        let unified = [
            SYSTEM,
            ("/proc/self/cgroup", "0::/box/run\n"),
            ("/sys/fs/cgroup/box/run/memory.max", "max\n"),
            ("/sys/fs/cgroup/box/memory.max", "1000000\n"),
            ("/sys/fs/cgroup/box/memory.current", "300000\n"),
            ("/sys/fs/cgroup/box/memory.stat", "anon 1\ninactive_file 100000\n"),
        ];
        assert_eq!(available_with(&unified), Some(800_000));
        let own = [
            SYSTEM,
            ("/proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/a\n0::/\n"),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "500\n"),
            ("/sys/fs/cgroup/memory/a/memory.usage_in_bytes", "600\n"),
        ];
        assert_eq!(available_with(&own), Some(0));
        assert_eq!(available_with(&[SYSTEM, own[1], own[2]]), Some(20_000_000 * 1024));
    }

    #[test]
    fn this_process_takes_memory_where_that_is_told() {
        assert_eq!(peak().is_some(), cfg!(target_os = "linux"));
        assert!(peak().is_none_or(|bytes| bytes > 100_000));
    }
}

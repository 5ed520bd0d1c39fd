//! What a figure means nothing without: the machine, what else it does, and what was measured how.

use std::env;
use std::fs;
use std::process::{Command, Stdio};

/// A list of it, for the head of a table. What this machine does not tell is unknown.
pub(super) fn description() -> String {
    let read = |path: &str| fs::read_to_string(path).ok();
    let processors = read("/proc/cpuinfo").unwrap_or_default();
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown", |(_, name)| name.trim()).to_owned();
    // All of them: a benchmark may have given away those that it could use itself.
    let cores = processors
        .lines()
        .filter(|line| line.starts_with("processor"));
    let cores = cores.count();
    let kernel = read("/proc/sys/kernel/osrelease").unwrap_or_else(|| "unknown".to_owned());
    let load = read("/proc/loadavg").unwrap_or_else(|| "unknown".to_owned());
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let arguments: Vec<String> = env::args().skip(1).collect();
    format!(
        "- Machine: {model}, {cores} cores, kernel {}; load average at the end {}.\n\
         - Commit of the directory it ran in: {}.\n\
         - Command: `cardwright {}`.\n\n",
        kernel.trim(),
        load.join(" "),
        commit(),
        arguments.join(" "),
    )
}

fn commit() -> String {
    let asked = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .stderr(Stdio::null())
        .output();
    let told = asked.ok().filter(|told| told.status.success());
    let told = told.and_then(|told| String::from_utf8(told.stdout).ok());
    told.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_commit_and_command_are_told() {
        let text = description();
        for part in [
            "- Machine: ",
            " cores, kernel ",
            "\n- Commit ",
            "\n- Command: `",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(text.ends_with("`.\n\n"), "{text}");
    }
}

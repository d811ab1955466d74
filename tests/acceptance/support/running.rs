//! A terraform that is under way.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::wait_until;
use super::workspace::Outcome;

/// A process of terraform in a group of its own, as a terminal makes one.
pub struct Running {
    child: Child,
    what: String,
}

impl Running {
    /// Starts the command in a group of its own.
    pub fn start(mut command: Command, what: String) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        Self { child: command.spawn().expect("terraform starts"), what }
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().expect("a process id"))
    }

    /// The provider that this terraform works with.
    #[track_caller]
    pub fn provider(&self) -> Pid {
        let pids = self.providers();
        let [pid] = pids[..] else { panic!("terraform has the children {pids:?}") };
        pid
    }

    /// The providers of this terraform: none between two of its steps, or once it has ended.
    fn providers(&self) -> Vec<Pid> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten();
        let all = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("children")).ok());
        let pids = all.flat_map(|it| it.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
        pids.map(|pid| Pid::from_raw(pid.parse().expect("a process id"))).collect()
    }

    /// `kill -9` of whatever provider there is at this moment; whether there was one.
    pub fn strike(&self) -> bool {
        self.providers().into_iter().filter(|pid| kill(*pid, Signal::SIGKILL).is_ok()).count() > 0
    }

    /// `kill -9` of the provider.
    #[track_caller]
    pub fn kill_provider(&self) {
        kill(self.provider(), Signal::SIGKILL).expect("the provider runs");
    }

    /// `kill -9` of terraform; the provider has to end by itself.
    #[track_caller]
    pub fn kill_terraform(mut self) {
        let provider = self.provider();
        kill(self.pid(), Signal::SIGKILL).expect("terraform runs");
        self.child.wait().expect("it was started here");
        wait_until("the provider ends as well", Duration::from_secs(20), || !runs(provider));
    }

    /// Ctrl-C: the terminal signals the whole group.
    pub fn interrupt(&self) {
        killpg(self.pid(), Signal::SIGINT).expect("the group is there");
    }

    /// Waits for the end.
    #[track_caller]
    pub fn ends(self) -> Outcome {
        let output = self.child.wait_with_output().expect("it was started here");
        Outcome::new(self.what, output)
    }

    /// Waits for the end, and how long it took.
    #[track_caller]
    pub fn ends_after(self) -> (Outcome, Duration) {
        let began = Instant::now();
        let outcome = self.ends();
        (outcome, began.elapsed())
    }
}

/// Whether the process does anything still; a zombie, which only wants to be reaped, does not.
fn runs(pid: Pid) -> bool {
    std::fs::read_link(format!("/proc/{pid}/exe")).is_ok()
}

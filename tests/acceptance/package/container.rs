//! A container of the tests' own: a root folder with Terraform, the packed provider and busybox.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::cli_config;
use crate::support::{Outcome, lab};

/// A root folder to run commands in.
pub struct Container {
    root: TempDir,
    name: String,
}

impl Container {
    /// Terraform, the provider that `packed` holds, a shell, and the configuration of the lab's cluster where kubectl looks.
    pub fn new(name: &str, packed: &Path) -> Self {
        let this = Self { root: TempDir::new().expect("a folder"), name: name.to_owned() };
        for folder in ["bin", "dev", "etc", "tmp", "work", "root/.kube", "mirror"] {
            std::fs::create_dir_all(this.path(folder)).expect("a folder");
        }
        this.program(Path::new("/bin/busybox"), "busybox");
        this.program(&lab().terraform, "terraform");
        // The package's own binary is static; that of a plain build is not.
        libraries(Path::new(&std::env::var("LOKI_PROVIDER_BIN").expect("the lab has checked it")))
            .iter()
            .for_each(|it| this.copy(it, it.strip_prefix("/").expect("ldd prints whole paths")));
        let copied = Command::new("cp").arg("-r").arg(packed.join("mirror/.")).arg(this.path("mirror")).status();
        assert!(copied.expect("cp runs").success());
        for (device, minor) in [("null", "3"), ("urandom", "9")] {
            let made = Command::new("mknod").arg(this.path("dev").join(device)).args(["c", "1", minor]).status();
            assert!(made.expect("mknod runs").success(), "devices need root");
        }
        this.write("etc/terraform.tfrc", &cli_config("/mirror"));
        this.copy(&lab().dir.join("pki/admin.kubeconfig"), Path::new("root/.kube/config"));
        let installed =
            Command::new("chroot").arg(this.root.path()).args(["/bin/busybox", "--install", "-s", "/bin"]).status();
        assert!(installed.expect("chroot runs").success());
        this
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        std::fs::write(self.path(path), text).expect("the container can be written");
    }

    /// Runs a command of the shell, with these variables and few others.
    #[must_use]
    pub fn run(&self, command: &str, variables: &[(&str, &str)]) -> Outcome {
        let output = Command::new("/usr/sbin/chroot")
            .arg(self.root.path())
            .args(["/bin/sh", "-c", command])
            .env_clear()
            .envs([
                ("PATH", "/bin"),
                ("HOME", "/root"),
                ("TF_CLI_CONFIG_FILE", "/etc/terraform.tfrc"),
                ("TF_CLI_ARGS", "-no-color"),
            ])
            .envs(variables.iter().copied())
            .output();
        Outcome::new(format!("({}) {command}", self.name), output.expect("chroot runs"))
    }

    fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(path)
    }

    fn program(&self, from: &Path, name: &str) {
        self.copy(from, &Path::new("bin").join(name));
        libraries(from).iter().for_each(|it| self.copy(it, it.strip_prefix("/").expect("ldd prints whole paths")));
    }

    fn copy(&self, from: &Path, to: &Path) {
        let to = self.path(to);
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
}

/// The shared libraries of a program; none of a static one.
fn libraries(program: &Path) -> Vec<PathBuf> {
    let output = Command::new("ldd").arg(program).output().expect("ldd runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().filter(|word| word.starts_with('/')).map(|it| it.trim_end_matches(':').into()).collect()
}

//! A folder of Terraform configuration, and what terraform says about it.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use tempfile::TempDir;

use super::lab::{kubectl_command, lab, repository};
use super::running::Running;

/// A folder with configuration and state of its own, and a name that no other test uses.
pub struct Workspace {
    folder: TempDir,
    /// Names the test's bucket, role and namespace.
    pub name: String,
    environment: Vec<(String, String)>,
}

impl Workspace {
    /// An empty workspace. `test` may hold lower-case letters and hyphens.
    pub fn new(test: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{test}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = TempDir::new().expect("a temporary folder");
        let environment = [
            ("TF_CLI_CONFIG_FILE", lab().cli_config.to_str().expect("the lab's path is UTF-8")),
            ("TF_IN_AUTOMATION", "1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("HOME", folder.path().to_str().expect("the temporary folder's path is UTF-8")),
        ];
        let environment = environment.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let this = Self { folder, name, environment };
        this.write(
            "terraform.tf",
            "terraform {\n  required_providers {\n    loki = { source = \"lokiops/loki\" }\n  }\n}\n",
        );
        this
    }

    /// A workspace with the files of `examples/NAME`, its variables set for the lab.
    #[track_caller]
    pub fn example(test: &str, example: &str) -> Self {
        let mut this = Self::example_of(test, example);
        for (variable, value) in [
            ("bucket", this.name.clone()),
            ("namespace", this.name.clone()),
            ("eks_cluster", "lab".to_owned()),
            ("aws_endpoint", lab().aws_endpoint.clone()),
        ] {
            this.set(&format!("TF_VAR_{variable}"), &value);
        }
        this.terraform(&["init"]).succeeds();
        this
    }

    /// A workspace with the files of `examples/NAME`, and nothing else.
    pub fn example_of(test: &str, example: &str) -> Self {
        let this = Self::new(test);
        std::fs::remove_file(this.path("terraform.tf")).expect("it was written above");
        copy(&repository().join("examples").join(example), this.folder.path());
        this
    }

    /// A workspace with a provider block for the lab and this configuration, in which `NAME` stands for the unique name.
    #[track_caller]
    pub fn with(test: &str, configuration: &str) -> Self {
        let this = Self::new(test);
        this.write("provider.tf", &provider(r#"eks_cluster = "lab""#));
        this.main(configuration);
        this.terraform(&["init"]).succeeds();
        this
    }

    /// Replaces the configuration, in which `NAME` stands for the unique name.
    pub fn main(&self, configuration: &str) {
        self.write("main.tf", &configuration.replace("NAME", &self.name));
    }

    /// Writes a file as it is.
    pub fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path(file), text).expect("the temporary folder can be written");
    }

    /// Path of a file in the workspace.
    pub fn path(&self, file: impl AsRef<Path>) -> std::path::PathBuf {
        self.folder.path().join(file)
    }

    /// Sets an environment variable for terraform. Of the tests' own environment it sees `PATH` alone.
    pub fn set(&mut self, variable: &str, value: &str) {
        self.environment.push((variable.to_owned(), value.to_owned()));
    }

    /// `terraform plan`.
    #[must_use]
    pub fn plan(&self) -> Outcome {
        self.terraform(&["plan", "-detailed-exitcode"])
    }

    /// `terraform apply` without asking.
    #[must_use]
    pub fn apply(&self) -> Outcome {
        self.terraform(&["apply", "-auto-approve"])
    }

    /// `terraform destroy` without asking.
    #[must_use]
    pub fn destroy(&self) -> Outcome {
        self.terraform(&["destroy", "-auto-approve"])
    }

    /// `terraform import`.
    #[must_use]
    pub fn import(&self, address: &str, id: &str) -> Outcome {
        self.terraform(&["import", address, id])
    }

    /// The attributes of a resource in the state; none when it is not there.
    pub fn state(&self, address: &str) -> Option<Value> {
        let shown: Value = serde_json::from_str(&self.terraform(&["show", "-json"]).succeeds().stdout).expect("JSON");
        let resources = shown["values"]["root_module"]["resources"].as_array()?.clone();
        resources.into_iter().find(|it| it["address"] == address).map(|mut it| it["values"].take())
    }

    /// An output of the root module.
    pub fn output(&self, name: &str) -> Value {
        let output = self.terraform(&["output", "-json", name]).succeeds().stdout;
        serde_json::from_str(&output).expect("terraform prints JSON")
    }

    /// Runs terraform with these arguments.
    #[must_use]
    pub fn terraform(&self, arguments: &[&str]) -> Outcome {
        Outcome::new(arguments.join(" "), self.command(arguments).output().expect("terraform runs"))
    }

    /// Starts terraform with these arguments.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments), arguments.join(" "))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&lab().terraform);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .env("TF_CLI_ARGS", "-no-color");
        command
    }
}

impl Drop for Workspace {
    /// Frees the node for other tests; the rest goes with the lab.
    fn drop(&mut self) {
        // A test that failed is unwinding here, so nothing may panic.
        let _ = kubectl_command(&["delete", "namespace", &self.name, "--ignore-not-found", "--wait=false"]).output();
    }
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder exists") {
        let entry = entry.expect("the folder can be read").path();
        let target = to.join(entry.file_name().unwrap_or_default());
        match entry.is_dir() {
            true => copy(&entry, &target),
            false => drop(std::fs::copy(&entry, target).expect("a copy")),
        }
    }
}

/// A provider block for the lab's AWS and this `kubernetes` setting.
pub fn provider(kubernetes: &str) -> String {
    provider_at(&lab().aws_endpoint, kubernetes)
}

/// A provider block for AWS at that URL and this `kubernetes` setting.
pub fn provider_at(endpoint: &str, kubernetes: &str) -> String {
    format!(
        r#"provider "loki" {{
  aws = {{
    region         = "eu-west-1"
    use_path_style = true
    endpoints      = {{ s3 = "{endpoint}", iam = "{endpoint}", sts = "{endpoint}", eks = "{endpoint}", kms = "{endpoint}" }}
  }}
  kubernetes = {{ {kubernetes} }}
}}
"#
    )
}

/// What a run of terraform came to.
pub struct Outcome {
    command: String,
    code: Option<i32>,
    /// Standard output as it is.
    pub stdout: String,
    stderr: String,
}

impl Outcome {
    /// What a command came to.
    pub fn new(command: String, output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("terraform prints UTF-8");
        let this =
            Self { command, code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        super::said::record(&this.said());
        this
    }

    /// Everything that was said, with terraform's line breaks and frames taken out.
    pub fn said(&self) -> String {
        let text = format!("{}\n{}", self.stdout, self.stderr);
        text.split_whitespace().filter(|word| !matches!(*word, "│" | "╷" | "╵")).collect::<Vec<_>>().join(" ")
    }

    /// Exit code 0: for a plan with `-detailed-exitcode` that is "no changes".
    #[track_caller]
    pub fn succeeds(self) -> Self {
        self.ends_with(0)
    }

    /// Exit code 2 of a plan: there is something to do.
    #[track_caller]
    pub fn has_changes(self) -> Self {
        self.ends_with(2)
    }

    /// Exit code 1.
    #[track_caller]
    pub fn fails(self) -> Self {
        self.ends_with(1)
    }

    #[track_caller]
    fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "terraform {}\n{}\n{}", self.command, self.stdout, self.stderr);
        self
    }

    /// Every one of these was said; line breaks do not matter.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        let said = self.said();
        for text in texts {
            assert!(
                said.contains(text),
                "terraform {} does not say {text:?} but:\n{}\n{}",
                self.command,
                self.stdout,
                self.stderr
            );
        }
        self
    }

    /// None of these was said.
    #[track_caller]
    pub fn never_says(self, texts: &[&str]) -> Self {
        let said = self.said();
        for text in texts {
            assert!(
                !said.contains(text),
                "terraform {} says {text:?}:\n{}\n{}",
                self.command,
                self.stdout,
                self.stderr
            );
        }
        self
    }
}

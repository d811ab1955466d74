//! docs/guides/getting-started.md, followed word for word.

use super::container::Container;
use super::packed;
use crate::support::{Workspace, repository};

/// Commands, and the lines that they print, with `…` for what differs.
#[derive(Debug, PartialEq)]
struct Step {
    commands: String,
    prints: Vec<String>,
}

/// The blocks of the guide: those of the language `shell` are commands, the one of `text` behind them is what they print.
fn steps(guide: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut blocks = guide.split("```").skip(1).step_by(2);
    while let Some((language, block)) = blocks.next().and_then(|it| it.split_once('\n')) {
        match (language, steps.last_mut()) {
            ("shell", _) => steps.push(Step { commands: block.to_owned(), prints: Vec::new() }),
            ("text", Some(step)) if step.prints.is_empty() => step.prints.extend(block.lines().map(str::to_owned)),
            _ => panic!("a block of {language:?} that nobody runs"),
        }
    }
    steps
}

/// Whether the lines are printed one after the other; else the first that is not. Space and Terraform's frames do not count.
fn missing<'a>(said: &str, lines: &'a [String]) -> Option<&'a str> {
    let mut rest = said;
    for line in lines {
        for part in line.split('…').map(|it| it.split_whitespace().collect::<Vec<_>>().join(" ")) {
            match rest.split_once(part.as_str()) {
                Some((_, after)) => rest = after,
                None => return Some(line),
            }
        }
    }
    None
}

#[test]
fn the_guide_for_new_users_is_true_word_for_word() {
    let guide = std::fs::read_to_string(repository().join("docs/guides/getting-started.md")).expect("the guide");
    let steps = steps(&guide);
    assert!(steps.len() >= 6 && steps.iter().all(|step| !step.prints.is_empty()), "{steps:?}");
    let container = Container::new("guide", packed());
    for step in steps {
        // One shell for the reader; here each step has its own, which begins where the last one was.
        let script =
            format!("cd \"$(cat /tmp/folder 2> /dev/null || echo /work)\"\n{}\npwd > /tmp/folder", step.commands);
        let said = container.run(&script, &[]).said().replace("OpenTofu", "Terraform");
        let missing = missing(&said, &step.prints);
        assert_eq!(missing, None, "{}\nprinted:\n{said}", step.commands);
    }
}

/// The README's example with the three mistakes that it names, and the plan that it shows.
#[test]
fn the_plan_of_the_readme_is_what_terraform_prints() {
    let readme = std::fs::read_to_string(repository().join("README.md")).expect("the README");
    let between = |begin: &str, end: &str| {
        let (_, after) = readme.split_once(begin).unwrap_or_else(|| panic!("the README has no {begin:?}"));
        after.split_once(end).unwrap_or_else(|| panic!("the README has no {end:?}")).0.to_owned()
    };
    let example = between("```hcl\n", "```");
    assert!(example.lines().count() <= 24, "the example is to be seen at a glance");
    let mistakes = between("**A plan is a check.** With ", " in the stack:");
    let mistakes = mistakes.split('`').skip(1).step_by(2).collect::<Vec<_>>().join("\n  ");
    let stack = "resource \"loki_stack\" \"main\" {\n";
    let workspace = Workspace::new("readme");
    workspace.write("main.tf", &example.replace(stack, &format!("{stack}  {mistakes}\n")));
    workspace.terraform(&["init"]).succeeds();
    let said = workspace.plan().fails().said();
    let shown: Vec<String> = between("<!-- plan -->\n```text\n", "```").lines().map(unframed).collect();
    assert!(shown.iter().filter(|line| line.starts_with("Error:")).count() == 3, "{shown:?}");
    let missing = missing(&said, &shown);
    assert_eq!(missing, None, "printed:\n{said}");
}

/// A line without the frame that Terraform draws.
fn unframed(line: &str) -> String {
    line.trim_start_matches(['│', '╷', '╵', ' ']).to_owned()
}

#[test]
fn a_guide_is_read_as_commands_and_what_they_print() {
    let guide = "Do:\n\n```shell\nterraform init\n```\n\n```text\nDone in … s!\nBye\n```\n";
    let steps = steps(guide);
    assert_eq!(steps[0].commands, "terraform init\n");
    assert_eq!(missing("Well. Done in 3 s! Bye", &steps[0].prints), None);
    assert_eq!(missing("Bye Done in 3 s!", &steps[0].prints), Some("Bye"));
}

//! Completions and manual pages, from the definition of the command line.

use anyhow::{Result, bail};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::Cli;
use crate::mapping::values::nearest;

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command
    command: Option<String>,
}

/// The script that completes commands, options and their words in a shell.
pub(super) fn completions(args: &CompletionsArgs) -> Result<String> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "rundown", &mut script);
    Ok(String::from_utf8(script)?)
}

/// A manual page as roff. Fails when no command has the name.
pub(super) fn page(args: &ManArgs) -> Result<String> {
    let mut program = Cli::command().disable_help_subcommand(true);
    // Names and usage of the commands are complete only then.
    program.build();
    let command = match &args.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let names: Vec<&str> = program
                    .get_subcommands()
                    .map(clap::Command::get_name)
                    .collect();
                let near = nearest(name, names.iter().copied())
                    .map(|near| format!("\n       did you mean {near:?}?"))
                    .unwrap_or_default();
                bail!(
                    "no command is called {name:?}{near}\n       expected one of {}",
                    names.join(", ")
                );
            }
        },
    };
    let mut page = Vec::new();
    let source = concat!("rundown ", env!("CARGO_PKG_VERSION"));
    Man::new(command).source(source).render(&mut page)?;
    Ok(String::from_utf8(page)?)
}

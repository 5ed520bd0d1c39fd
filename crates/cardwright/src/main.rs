//! The `cardwright` command: reads arguments, hands over to the crate that does the work, prints.
//!
//! One file per command, each with its `Arguments` and a `run`; a new command is one more line in
//! [`Command`] and one in [`run`]. stdout carries results and nothing else. Exit codes: 0 done; 1 it
//! did not succeed, also because a server cannot use its address or its data directory; 2 the
//! arguments are wrong, or what they name cannot be read: the files that hold what a call sends or
//! signs with, the database that is to be verified, or the sandbox that is to be steered.

#![allow(
    clippy::doc_markdown,
    reason = "FinCard is the name of an API, not an item"
)]

mod bench;
mod body;
mod call;
mod certify;
mod clock;
mod connection;
mod credential;
mod credentials;
mod doctor;
mod events;
mod failure;
mod init;
mod ledger;
mod listen;
mod local;
mod log;
mod logs;
mod migrate;
mod operator;
mod output;
mod sandbox;
mod serve;
mod sign;
mod simulate;
mod tenant;
mod trigger;
mod webhook;

/// Every request makes and drops many small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use failure::Failure;

/// A self-hosted card-issuing platform that speaks the FINCI Card API and the FinCard Virtual API.
#[derive(Parser)]
#[command(name = "cardwright", version, disable_help_subcommand = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Sandbox(sandbox::Arguments),
    Serve(serve::Arguments),
    Init(init::Arguments),
    Migrate(migrate::Arguments),
    Doctor(doctor::Arguments),
    Tenant(tenant::Arguments),
    Credential(credential::Arguments),
    Logs(logs::Arguments),
    Ledger(ledger::Arguments),
    Sign(sign::Arguments),
    Call(call::Arguments),
    Certify(certify::Arguments),
    Simulate(simulate::Arguments),
    Trigger(trigger::Arguments),
    Listen(listen::Arguments),
    Clock(clock::Arguments),
    Events(events::Arguments),
    Webhook(webhook::Arguments),
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    failure::exit_code(run(CommandLine::parse().command))
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Sandbox(arguments) => sandbox::run(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Migrate(arguments) => migrate::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Tenant(arguments) => tenant::run(arguments),
        Command::Credential(arguments) => credential::run(&arguments),
        Command::Logs(arguments) => logs::run(&arguments),
        Command::Init(arguments) => init::run(arguments),
        Command::Ledger(arguments) => ledger::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Call(arguments) => call::run(&arguments),
        Command::Certify(arguments) => certify::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Trigger(arguments) => trigger::run(&arguments),
        Command::Listen(arguments) => listen::run(&arguments),
        Command::Clock(arguments) => clock::run(&arguments),
        Command::Events(arguments) => events::run(&arguments),
        Command::Webhook(arguments) => webhook::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
    }
}

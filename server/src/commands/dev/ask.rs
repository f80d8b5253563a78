//! `inflight dev ask`: one question to whoever answers for agents, to see whether key, address and model are right.

use crate::cli::CommonArgs;
use crate::exit::AppError;
use crate::metrics::Metrics;
use crate::reason::Reasoner;
use crate::reason::reply::Piece;
use crate::settings::Settings;
use crate::telemetry;
use clap::Args;
use inflight_agents::ModelQuestion;
use inflight_agents::question::Message;
use std::io::Write;

/// Arguments of `dev ask`.
#[derive(Debug, Args)]
pub struct AskArgs {
    /// The question
    pub text: String,
    /// JSON schema that the answer must match
    #[arg(long, value_name = "JSON")]
    pub schema: Option<String>,
    /// What is logged.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// Asks.
///
/// # Errors
/// The settings are wrong, or nobody answers.
pub async fn run(args: &AskArgs) -> Result<(), AppError> {
    let settings = Settings::from_inputs(&args.common.inputs()?)?;
    drop(telemetry::start(&settings.log, false));
    let schema = args.schema.as_deref().map(serde_json::from_str).transpose();
    let question = ModelQuestion {
        purpose: "answer".to_owned(),
        system: "Answer briefly.".to_owned(),
        messages: vec![Message::user(&args.text)],
        schema: schema.map_err(|error| AppError::Usage(format!("--schema: {error}")))?,
        ..ModelQuestion::default()
    };
    let metrics = Metrics::new(&settings.topics);
    let reasoner = Reasoner::new(settings.reason, metrics).map_err(AppError::Usage)?;
    let mut out = std::io::stdout();
    let mut hear = |piece: Piece<'_>| {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Restarted => "\n(again)\n",
        };
        // A reader that went away hears no more.
        drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
    };
    let answer = reasoner.answer(&question, None, &mut hear).await;
    let answer =
        answer.map_err(|failure| AppError::Other(format!("{}: {}", failure.kind, failure.message)))?;
    let usage = answer.usage;
    println!(
        "\n{}: {} tokens read, {} written, {} ms, {} millionths of a dollar",
        answer.by, usage.input_tokens, usage.output_tokens, usage.took_ms, usage.cost_microusd
    );
    Ok(())
}

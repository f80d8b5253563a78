//! What a model answers, and who hears it while it is written.

use inflight_agents::question::ToolCall;

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// Text as it came; JSON where a schema was asked for. Empty where functions are called.
    pub text: String,
    /// Calls, in the order in which they were made.
    pub calls: Vec<ToolCall>,
    /// Tokens that it took.
    pub tokens: Tokens,
    /// Name of the model as it names itself.
    pub model: String,
}

/// Tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Read.
    pub input: u64,
    /// Written.
    pub output: u64,
}

/// What is heard of an answer while it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The next piece of its text.
    Text(&'a str),
    /// It begins anew: what was heard so far does not count.
    Restarted,
}

/// Who hears the pieces.
pub type Listener<'a> = &'a mut (dyn FnMut(Piece<'_>) + Send);

impl core::ops::AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
    }
}

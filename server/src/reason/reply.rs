//! What a model answers, and who hears it while it is written.

use inflight_agents::ModelQuestion;
use inflight_agents::question::{ToolCall, tokens_of};

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

/// What a question has cost with all that was tried for it, and may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purse {
    /// What was paid.
    pub spent: Tokens,
    /// Tokens, read or written, that were set aside. The first attempt is within them.
    pub most: u64,
}

/// What is known of what one request costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Bill {
    /// It was not taken, so it is not charged.
    #[default]
    Nothing,
    /// It was taken, and nobody said what it took.
    Unknown,
    /// So much was said.
    Counted(Tokens),
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

impl Tokens {
    /// As a provider counts them, who may count wrongly.
    #[must_use]
    pub fn told(input: u64, output: u64) -> Self {
        let most = u64::from(u32::MAX);
        Self { input: input.min(most), output: output.min(most) }
    }

    /// All that a question may take: what is set aside for it.
    #[must_use]
    pub fn reserved(question: &ModelQuestion) -> Self {
        let (input, output) = question.tokens();
        Self { input, output }
    }

    /// What an answer took, where its provider does not count: about so much.
    #[must_use]
    pub fn about(question: &ModelQuestion, reply: &Reply) -> Self {
        let called: usize = reply.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
        Self { output: tokens_of(reply.text.len() + called), ..Self::reserved(question) }
    }

    /// Both together.
    #[must_use]
    pub fn sum(self) -> u64 {
        self.input.saturating_add(self.output)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

impl Purse {
    /// Nothing spent, and so much set aside.
    #[must_use]
    pub fn of(most: u64) -> Self {
        Self { spent: Tokens::default(), most }
    }

    /// What is left of it.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.most.saturating_sub(self.spent.sum())
    }

    /// Whether it pays for asking this once more.
    #[must_use]
    pub fn pays(&self, question: &ModelQuestion) -> bool {
        Tokens::reserved(question).sum() <= self.left()
    }
}

impl Bill {
    /// What is to be paid for a question. What nobody counted costs all that was set aside for it.
    #[must_use]
    pub fn tokens(self, question: &ModelQuestion) -> Tokens {
        match self {
            Self::Nothing => Tokens::default(),
            Self::Unknown => Tokens::reserved(question),
            Self::Counted(tokens) => tokens,
        }
    }
}

impl core::ops::AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
    }
}

// The six events of specification 002, with exactly its fields.

export interface Signal {
  readonly id: string;
  readonly source: string;
  readonly content: string;
  readonly scores: {
    readonly fused: number;
    readonly sentiment: number;
    readonly relevance: number;
    readonly novelty: number;
    readonly credibility: number;
  };
  readonly confidences: { readonly fused: number };
  readonly timestamp: string;
}

export interface Proposal {
  readonly id: string;
  readonly thesis: string;
  readonly assets: readonly string[];
  readonly size_pct: number;
  readonly risk_score: number;
  readonly expected_return: number;
  readonly status: string;
  readonly timestamp: string;
}

export interface Decision {
  readonly id: string;
  readonly proposal_id: string;
  readonly action: string;
  readonly confidence: number;
  readonly size_adjustment: number;
  readonly timestamp: string;
}

export interface Outcome {
  readonly id: string;
  readonly proposal_id: string;
  readonly return_pct: number;
  readonly sharpe_ratio: number;
  readonly max_drawdown: number;
  readonly win_rate: number;
  readonly timestamp: string;
}

export interface Risk {
  readonly risk_score: number;
  readonly var: { readonly historical: number; readonly parametric: number; readonly monte_carlo: number };
  readonly cvar: { readonly historical: number; readonly monte_carlo: number };
  readonly volatility: number;
  readonly correlation: number;
  readonly recommendations: readonly string[];
  readonly timestamp: string;
}

export interface System {
  readonly health: string;
  readonly metrics: { readonly cpu_usage: number; readonly memory_usage: number; readonly response_time: number };
  readonly alerts: readonly { readonly level: string; readonly message: string; readonly timestamp: string }[];
  readonly timestamp: string;
}

/** The data of each type of event. */
export interface EventData {
  signal: Signal;
  proposal: Proposal;
  decision: Decision;
  outcome: Outcome;
  risk: Risk;
  system: System;
}

/** The name of a type of event. */
export type EventType = keyof EventData;

/** All of them. */
export const EVENT_TYPES: readonly EventType[] = ["signal", "proposal", "decision", "outcome", "risk", "system"];

/** An event as specification 002 sends it. */
export interface StreamEvent<Type extends EventType = EventType> {
  readonly type: Type;
  readonly data: EventData[Type];
  /** ISO 8601. */
  readonly timestamp: string;
}

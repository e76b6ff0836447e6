using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>Entries of requests that never were.</summary>
internal static class Entries
{
    /// <summary>A day that no test's clock knows of.</summary>
    public static readonly DateTimeOffset At = new(2026, 3, 14, 15, 9, 26, 535, TimeSpan.Zero);

    /// <summary>One that was answered, for a nano-USD per call of this.</summary>
    public static LedgerEntry Of(string requestId, DateTimeOffset? at = null) => new()
    {
        Id = Guid.CreateVersion7(at ?? At),
        At = at ?? At,
        RequestId = requestId,
        Endpoint = "/v1/chat/completions",
        Tenant = "acme",
        Subject = "key_1",
        Model = "gpt-4o",
        Provider = "openai",
        Outcome = LedgerEntry.Ok,
        Cache = "miss",
        InputTokens = 20,
        OutputTokens = 10,
        Cost = new NanoUsd(150_000),
        DurationMs = 12.345,
    };

    /// <summary>One with everything that there is, in letters that need care.</summary>
    public static LedgerEntry Full { get; } = Of("r-1") with
    {
        Team = "blue \"team\"",
        User = "zoë",
        Key = "key_1",
        ProviderModel = "gpt-4o-2024-11-20",
        Prompt = "summarizer",
        PromptVersion = "2",
        Variant = "b",
        Stream = true,
        IsEstimated = true,
        Saved = new NanoUsd(7),
        FirstChunkMs = 1.5,
        UserLabel = "línea\nnueva 😀",
        Session = "\\",
        Attempts =
        [
            new LedgerAttempt("chat", "groq", "llama", "provider_timeout", null, null, null, IsEstimated: false, 250.125),
            new LedgerAttempt("chat", "openai", "gpt-4o-2024-11-20", "ok", 20, 10, new NanoUsd(150_000), IsEstimated: true, 12),
        ],
        Budgets =
        [
            new BudgetCounter(HolderKind.Tenant, "acme", BudgetPeriod.Month, new DateOnly(2026, 3, 1)),
            new BudgetCounter(HolderKind.Key, "key_1", BudgetPeriod.Total, DateOnly.MinValue),
        ],
    };
}

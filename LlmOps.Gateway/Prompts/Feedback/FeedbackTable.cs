using System.Data.Common;
using Dapper;
using LlmOps.Gateway.Access;

namespace LlmOps.Gateway.Prompts.Feedback;

/// <summary>The table of what callers say of answers.</summary>
internal static class FeedbackTable
{
    /// <summary>The name of a score that has none; it is what experiments compare.</summary>
    public const string DefaultName = "score";

    /// <summary>The newest request of a principal under an id of its own; null for none.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="principal">Whose it must be.</param>
    /// <param name="requestId">X-Request-ID.</param>
    public static Task<ScoredRequest?> FindAsync(DbConnection connection, Principal principal, string requestId) => connection.QueryFirstOrDefaultAsync<ScoredRequest?>(
        """
        SELECT id, prompt, prompt_version AS PromptVersion, experiment, variant FROM ledger
        WHERE request_id = @requestId AND tenant = @Tenant AND subject = @Subject ORDER BY id DESC LIMIT 1
        """,
        new { requestId, principal.Tenant, principal.Subject });

    /// <summary>The names of a request's other scores.</summary>
    public static Task<int> CountOthersAsync(DbConnection connection, string id, string name) =>
        connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM feedback WHERE id = @id AND name <> @name", new { id, name });

    /// <summary>Keeps a score, in place of an earlier one of its name.</summary>
    public static Task SetAsync(DbConnection connection, string id, string name, double score, string? comment, DateTimeOffset at) => connection.ExecuteAsync(
        """
        INSERT INTO feedback (id, name, score, comment, at) VALUES (@id, @name, @score, @comment, @at)
        ON CONFLICT (id, name) DO UPDATE SET score = @score, comment = @comment, at = @at
        """,
        new { id, name, score, comment, at = at.ToUnixTimeMilliseconds() });
}

/// <summary>A request that is scored.</summary>
internal sealed record ScoredRequest
{
    /// <summary>Its internal id.</summary>
    public required string Id { get; init; }

    public string? Prompt { get; init; }

    public string? PromptVersion { get; init; }

    public string? Experiment { get; init; }

    public string? Variant { get; init; }
}

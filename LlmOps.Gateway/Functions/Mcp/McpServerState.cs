namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>What is known of an MCP server now.</summary>
/// <param name="Connection">The connection to it; null where there is none.</param>
/// <param name="List">What it listed.</param>
/// <param name="Tools">What of it there is for models.</param>
internal sealed record McpServerState(McpConnection? Connection, McpList List, McpTools Tools)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>That of one that nobody has tried to reach.</summary>
    public static McpServerState New { get; } = new(null, McpList.Empty, McpTools.Empty);

    /// <summary>That of one that is not reached any more.</summary>
    public static McpServerState Closed { get; } = New with { Fault = "it is closed", Pause = TimeSpan.MaxValue };

    /// <summary>Why it cannot be reached; null where it can, or where nobody has tried.</summary>
    public string? Fault { get; private init; }

    /// <summary>Attempts that failed, one after the other.</summary>
    public int Failures { get; init; }

    /// <summary>When it failed, as a timestamp.</summary>
    public long FailedAt { get; private init; }

    /// <summary>How long it is left alone since then.</summary>
    public TimeSpan Pause { get; private init; }

    /// <summary>When it listed, as a timestamp.</summary>
    public long ListedAt { get; init; }

    /// <summary>When it was connected to, as a timestamp.</summary>
    public long ConnectedAt { get; init; }

    /// <summary>That of one that cannot be reached, and is left alone for the longer the more often that was so.</summary>
    /// <param name="fault">Why.</param>
    /// <param name="failures">Attempts that failed, one after the other.</param>
    /// <param name="isLost">Whether a connection has ended: most often the server was started anew; one that ends again and again was not.</param>
    /// <param name="at">When, as a timestamp.</param>
    public static McpServerState Down(string fault, int failures, bool isLost, long at)
    {
        var pause = failures == 0 || (isLost && failures == 1) ? TimeSpan.Zero : FirstPause * Math.Pow(2, Math.Min(failures - 1, 10));
        return New with { Fault = fault, Failures = failures, FailedAt = at, Pause = pause < LongestPause ? pause : LongestPause };
    }
}

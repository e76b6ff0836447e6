namespace LlmOps.Gateway.Redis;

/// <summary>Why a call to Redis has no result.</summary>
internal enum RedisFailure
{
    /// <summary>Redis cannot be asked: not configured, no connection, one that broke, a breaker that is open, a queue that is full, or a server that says it cannot answer now.</summary>
    Unavailable,

    /// <summary>The answer did not come in time.</summary>
    Deadline,

    /// <summary>Redis answered with an error, or with something of another type than was expected.</summary>
    Server,
}

/// <summary>
/// A call to Redis has no result. Its message names neither keys nor values: what a server says may quote both, and even a
/// password, so that only the error's code is taken over.
/// </summary>
internal sealed class RedisException : Exception
{
    private RedisException(RedisFailure reason, string message, string why, bool mayHaveRun, RedisReply? error = null, Exception? cause = null)
        : base(message, cause)
    {
        (Reason, Why, MayHaveRun) = (reason, why, mayHaveRun);
        (Code, ServerText) = (error?.ErrorCode, error?.ErrorText);
    }

    /// <summary>Why.</summary>
    public RedisFailure Reason { get; }

    /// <summary>Why in words that continue a sentence.</summary>
    public string Why { get; }

    /// <summary>Whether Redis may have executed the command all the same.</summary>
    public bool MayHaveRun { get; }

    /// <summary>The code that the server's error begins with, such as WRONGTYPE; null where it gave none.</summary>
    public string? Code { get; }

    /// <summary>What the server said. May quote arguments, secrets included: not for logs and not for callers.</summary>
    public string? ServerText { get; }

    /// <summary>Redis cannot be asked.</summary>
    public static RedisException Unavailable(string why, bool mayHaveRun = false, Exception? cause = null) =>
        new(RedisFailure.Unavailable, $"Redis is not available: {why}.", why, mayHaveRun, cause: cause);

    /// <summary>The answer did not come in time.</summary>
    public static RedisException Deadline(TimeSpan limit)
    {
        var why = $"no answer within {limit.TotalMilliseconds:0.###} ms";
        return new RedisException(RedisFailure.Deadline, $"Redis gave {why}.", why, mayHaveRun: true);
    }

    /// <summary>Redis answered with an error.</summary>
    public static RedisException Server(RedisReply error)
    {
        var why = $"an error {error.ErrorCode}";
        return IsRefusal(error.ErrorCode) || error.IsReadOnly
            ? new RedisException(RedisFailure.Unavailable, $"Redis answered with {why}.", why, mayHaveRun: false, error)
            : new RedisException(RedisFailure.Server, $"Redis answered with {why}.", why, mayHaveRun: true, error);
    }

    /// <summary>Redis answered with another type than was expected.</summary>
    public static RedisException Unexpected(RedisReplyKind kind, string expected)
    {
        var why = $"{kind} where {expected} was expected";
        return new RedisException(RedisFailure.Server, $"Redis answered with {why}.", why, mayHaveRun: true);
    }

    /// <summary>Whether an error of this code says that the server serves nobody at present.</summary>
    public static bool IsDown(string code) => code is "LOADING" or "MASTERDOWN" or "CLUSTERDOWN" or "BUSY";

    // Nobody at present, or not this command here.
    private static bool IsRefusal(string code) => IsDown(code) || code is "TRYAGAIN" or "MOVED" or "ASK";
}

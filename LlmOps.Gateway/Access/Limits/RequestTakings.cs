namespace LlmOps.Gateway.Access.Limits;

/// <summary>What one request has taken of limits. Absent where no limit holds for it.</summary>
internal sealed class RequestTakings
{
    /// <summary>What it took when it arrived: requests and places; null for nothing.</summary>
    public LimitTaking? Entered { get; set; }

    /// <summary>What it took when its model was known: tokens, and requests and places of the model; null for nothing.</summary>
    public LimitTaking? Reserved { get; set; }

    /// <summary>Whether a limit refused it, so that it is not counted at all.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Whether it is settled.</summary>
    public bool IsSettled { get; set; }
}

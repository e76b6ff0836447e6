namespace LlmOps.Gateway.Functions.Kept;

/// <summary>What was put back in the conversation of a request.</summary>
/// <param name="Decisions">What its caller has decided of calls that waited for that, in their order.</param>
internal sealed record KeptConversation(IReadOnlyList<KeptDecision> Decisions);

/// <summary>What a caller has decided of a call.</summary>
/// <param name="Index">The place of the message that says so, among the request's; it becomes the call's result.</param>
/// <param name="Id">The id that the caller knows the call by.</param>
/// <param name="Call">The call.</param>
/// <param name="IsApproved">Whether it is to be made.</param>
internal sealed record KeptDecision(int Index, KeptCallId Id, KeptCall Call, bool IsApproved)
{
    /// <summary>Whether the model has gone on since: then it is told what came of the call, which is not made any more.</summary>
    public bool IsPast { get; init; }

    /// <summary>Whether this process alone knows the call.</summary>
    public bool IsHereAlone { get; init; }
}

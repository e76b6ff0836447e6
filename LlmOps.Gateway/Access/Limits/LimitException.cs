using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>A request is refused as a limit is used up, or would be by it.</summary>
internal sealed class LimitException : GatewayException
{
    // Nobody knows when a place is free; not at once, though.
    private static readonly TimeSpan ForAPlace = TimeSpan.FromSeconds(1);

    public LimitException(LimitRefusal refusal)
        : base(ErrorCode.RateLimitExceeded, Told(refusal))
    {
        Refusal = refusal;
        RetryAfter = refusal.IsTooLarge ? null : refusal.Wait ?? ForAPlace;
    }

    /// <summary>By what.</summary>
    public LimitRefusal Refusal { get; }

    private static string Told(LimitRefusal refusal)
    {
        var limit = $"The limit of {refusal.Limit.Text} of {refusal.Limit.OwnerText}";
        return refusal.Limit.Unit switch
        {
            LimitUnit.Places => $"{limit} is used up; a place is free when one of them is over.",
            _ when refusal.IsTooLarge => $"{limit} is less than the {refusal.Amount} that this request may take: it never fits. Send less, or ask for less (max_tokens).",
            LimitUnit.Tokens => $"{limit} has {Math.Max(0, (long)(refusal.Limit.Capacity - refusal.Used))} left, and this request may take {refusal.Amount}; it fits in {GoDuration.Of(refusal.Wait!.Value)}.",
            _ => $"{limit} is used up; it has room again in {GoDuration.Of(refusal.Wait!.Value)}.",
        };
    }
}

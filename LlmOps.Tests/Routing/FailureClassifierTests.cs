using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Routing;

namespace LlmOps.Tests.Routing;

/// <summary>What each failure leads to: the whole table.</summary>
public sealed class FailureClassifierTests
{
    private static readonly Dictionary<string, (string Action, bool Blames)> Table = new()
    {
        // Failure, and the provider's status where that matters.
        ["invalid_request 400"] = ("ToCaller", false),
        ["invalid_request 409"] = ("RetryHere", false),
        ["invalid_request 422"] = ("ToCaller", false),
        ["invalid_request 424"] = ("ToCaller", false),
        ["unsupported_parameter"] = ("NextTarget", false),
        ["context_length_exceeded 400"] = ("LargerWindow", false),
        ["content_filter 400"] = ("ToCaller", false),
        ["content_filter 200"] = ("ToCaller", false),
        ["model_not_found 404"] = ("NextTarget", false),
        ["request_too_large 413"] = ("NextTarget", false),
        ["rate_limit_exceeded 429"] = ("RestKey", false),
        ["insufficient_quota 429"] = ("KeyNotHere", false),
        ["insufficient_quota 402"] = ("KeyNotHere", false),
        ["provider_authentication 401"] = ("SetKeyAside", false),
        ["provider_authentication 403"] = ("KeyNotHere", false),
        ["provider_authentication 400"] = ("SetKeyAside", false),
        ["provider_error 500"] = ("RetryHere", true),
        ["provider_error 502"] = ("RetryHere", true),
        ["provider_error 425"] = ("RetryHere", false),
        ["provider_error 307"] = ("NextTarget", true),
        ["provider_error 418"] = ("NextTarget", true),
        ["provider_error 200"] = ("RetryHere", true),
        ["provider_overloaded 498"] = ("RetryHere", true),
        ["provider_overloaded 503"] = ("RetryHere", true),
        ["provider_overloaded 529"] = ("RetryHere", true),
        ["provider_unreachable"] = ("RetryHere", true),
        ["provider_stream_interrupted"] = ("RetryHere", true),
        ["provider_bad_response"] = ("NextTarget", true),
        ["provider_timeout"] = ("NextTarget", true),
        ["provider_timeout 408"] = ("RetryHere", true),
        ["provider_timeout 504"] = ("RetryHere", true),
        ["deadline_exceeded"] = ("ToCaller", false),
        ["internal_error"] = ("ToCaller", false),
    };

    public static TheoryData<string> Failures => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failure_LeadsToWhatTheTableSays(string failure)
    {
        var error = ErrorCode.All.Single(known => known.Code == failure.Split(' ')[0]);
        int? status = failure.Split(' ') is [_, var text] ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : null;
        GatewayException exception = error.Code is "deadline_exceeded" or "internal_error"
            ? new GatewayException(error, "x")
            : new ProviderException(error, "fake", "x") { UpstreamStatus = status };

        var verdict = FailureClassifier.Classify(exception);

        (verdict.Action.ToString(), verdict.BlamesTarget).ShouldBe(Table[failure]);
    }

    [Fact]
    public void EveryFailureThatAProviderCanCause_IsInTheTable() =>
        ErrorCode.All.Where(error => error.Code.StartsWith("provider_", StringComparison.Ordinal) && error != ErrorCode.ProviderNotConfigured)
            .Select(error => error.Code).Except(Table.Keys.Select(failure => failure.Split(' ')[0])).ShouldBeEmpty();

    [Fact]
    public void AnyOtherException_IsTheCallers() => FailureClassifier.Classify(new InvalidOperationException()).Action.ShouldBe(FailureAction.ToCaller);
}
